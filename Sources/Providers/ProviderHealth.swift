// Whether a provider answers at all: a pure state machine over what became of requests, so that its table is tested.

/// How one request fared, for the health of its provider.
enum ProviderSign: Sendable, Equatable {
    /// It was answered, well or with a refusal that is the request's own fault.
    case answered
    /// The provider asks to come back later: it is there, but gives nothing.
    case busy
    /// No answer came, or none that can be read: unreachable, timed out, broken, an error of the server.
    case silent
}

/// The health of one provider over a night.
///
/// After some silent requests in a row, of more than one exchange, nobody asks for a while; then one request probes,
/// and the others wait for what becomes of it. Each further silence lasts longer, up to a bound. The time in which the
/// provider gives nothing is counted over the whole night; past the operator's patience it is left alone.
struct ProviderHealth: Sendable, Equatable {
    /// So many silent requests in a row stop the asking.
    static let threshold = 5
    /// How long the first stop lasts, in nanoseconds: 30 s; it doubles each time.
    static let firstPause: UInt64 = 30_000_000_000
    /// The longest stop, in nanoseconds: 5 minutes.
    static let longestPause: UInt64 = 300_000_000_000
    /// A barren time shorter than this is no wedge and is not counted, in nanoseconds: a minute.
    static let shortest: UInt64 = 60_000_000_000

    /// What may be done with a provider now.
    enum State: Sendable, Equatable {
        /// Everybody may ask.
        case closed
        /// Nobody asks before that time; the next one then is the probe.
        case open(until: UInt64)
        /// One exchange asks, the others wait for what becomes of it.
        case probing(exchange: UInt64)
        /// It is left alone until the breakers are closed.
        case givenUp
    }

    /// Whether one exchange may ask.
    enum Admission: Sendable, Equatable {
        case granted
        case wait(until: UInt64)
        case waitForProbe
        case refused
    }

    private(set) var state = State.closed
    private let patience: UInt64
    private var silent = 0
    private var lastExchange: UInt64?
    private var isOfSeveral = false
    private var pauses = 0
    private var barrenSince: UInt64?
    private var barrenBefore: UInt64 = 0

    /// A healthy provider; `patience` bounds the barren time of a night, in nanoseconds.
    init(patience: UInt64) { self.patience = patience }

    /// Asks to make a request; a probe must be followed by `report` or `withdraw`.
    mutating func admission(of exchange: UInt64, at now: UInt64) -> Admission {
        switch state {
        case .closed: return .granted
        case .givenUp: return .refused
        case .probing(let prober): return prober == exchange ? .granted : .waitForProbe
        case .open(let until):
            guard now >= until else { return .wait(until: until) }
            state = .probing(exchange: exchange)
            return .granted
        }
    }

    /// Ends a stop whose time was waited for, whatever the clock has done meanwhile.
    mutating func ripen(_ until: UInt64) {
        if state == .open(until: until) { state = .open(until: 0) }
    }

    /// Takes note of what became of a request.
    mutating func report(_ sign: ProviderSign, of exchange: UInt64, at now: UInt64) {
        guard state != .givenUp else { return }
        switch sign {
        case .answered:
            barrenBefore = barren(at: now)
            self = Self(patience: patience, barrenBefore: barrenBefore)
            return
        case .busy:
            silent = 0
            isOfSeveral = false
            pauses = 0
            if case .closed = state {} else { state = .closed }
        case .silent:
            isOfSeveral = isOfSeveral || (lastExchange.map { $0 != exchange && silent > 0 } ?? false)
            silent += 1
            if case .probing(let prober) = state, prober == exchange {
                stop(at: now)
            } else if case .closed = state, silent >= Self.threshold, isOfSeveral {
                stop(at: now)
            }
        }
        lastExchange = exchange
        barrenSince = barrenSince ?? now
        if barren(at: now) > patience { state = .givenUp }
    }

    /// A probe that was never made lets the next one probe.
    mutating func withdraw(_ exchange: UInt64) {
        if state == .probing(exchange: exchange) { state = .open(until: 0) }
    }

    /// How long the provider has given nothing this night, in nanoseconds.
    func barren(at now: UInt64) -> UInt64 {
        guard let barrenSince, now > barrenSince, now - barrenSince > Self.shortest else { return barrenBefore }
        return barrenBefore + (now - barrenSince)
    }

    private mutating func stop(at now: UInt64) {
        let pause = pauses >= 4 ? Self.longestPause : min(Self.longestPause, Self.firstPause << UInt64(pauses))
        pauses += 1
        state = .open(until: now &+ pause)
    }

    private init(patience: UInt64, barrenBefore: UInt64) {
        self.patience = patience
        self.barrenBefore = barrenBefore
    }
}
