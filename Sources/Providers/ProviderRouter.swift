// Which provider a model is at, whether it may be asked now, and one attempt at asking it.
public import Cryptography
public import Encoding
public import HTTPClient
internal import Synchronization

/// Waits for so many milliseconds, or throws when the task is cancelled; handed in, so that tests do not wait.
public typealias Sleep = @Sendable (_ milliseconds: Int64) async throws -> Void

/// Waits by the system's clock that also runs while the machine is suspended.
@Sendable public func systemSleep(milliseconds: Int64) async throws {
    try await ContinuousClock().sleep(for: .milliseconds(milliseconds))
}

/// Whether a provider can be asked.
public enum ProviderAvailability: Sendable, Equatable {
    /// It can.
    case ready
    /// The settings name no such provider.
    case unknown
    /// It is elsewhere and there is no key for it.
    case noKey
    /// It refused this node and is left alone until then.
    case breakerOpen(until: Instant)
}

/// All providers of a node: their settings, keys, limits and breakers; shared by all runs.
public final class ProviderRouter: Sendable {
    /// So long a breaker stays open if nobody closes it, in milliseconds: twelve hours, longer than any night.
    public static let breakerMilliseconds: Int64 = 43_200_000
    /// How long a night in all goes on with a provider that gives nothing, in milliseconds: an hour.
    public static let standardPatienceMilliseconds: Int64 = 3_600_000

    let client: HTTPClient
    let time: TimeSource
    let random: RandomSource
    let sleep: Sleep
    private let isStopping: @Sendable () -> Bool
    private let catalogue: ModelCatalogue
    private let lines: [String: ProviderLine]
    private let breakers = Mutex<[String: Instant]>([:])
    private let exchanges = Atomic<UInt64>(0)
    private let rehearsal = Mutex<RehearsalServer?>(nil)
    private let warmth: PromptCacheWarmth

    /// Takes the settings and reads each key once; rehearsal is added where the settings do not name it.
    ///
    /// - Parameters:
    ///   - settings: one a provider, names unique.
    ///   - client: shared by all providers; the router does not shut it down.
    ///   - time: for breakers, rates and dates in headers.
    ///   - random: for the jitter of waits.
    ///   - sleep: how to wait.
    ///   - catalogue: what is known of models that the settings do not describe.
    ///   - patienceMilliseconds: how long a night in all goes on with a provider that gives nothing.
    ///   - isStopping: asked when a request has got its place; where it says yes, the request is not sent.
    public init(
        settings: [ProviderSettings], client: HTTPClient, time: TimeSource = .system, random: RandomSource = .system,
        sleep: @escaping Sleep = systemSleep, catalogue: ModelCatalogue = .embedded,
        patienceMilliseconds: Int64 = ProviderRouter.standardPatienceMilliseconds,
        isStopping: @escaping @Sendable () -> Bool = { false }
    ) throws(ProviderError) {
        self.client = client
        self.time = time
        self.random = random
        self.sleep = sleep
        self.catalogue = catalogue
        self.isStopping = isStopping
        var lines: [String: ProviderLine] = [:]
        for provider in settings + (settings.contains { $0.dialect == .rehearsal } ? [] : [.rehearsal]) {
            guard lines[provider.name] == nil else {
                throw .invalidSettings(provider: provider.name, .duplicateName(provider.name))
            }
            lines[provider.name] = try ProviderLine(
                provider, others: Array(lines.values), time: time, patienceMilliseconds: patienceMilliseconds,
                sleep: sleep)
        }
        self.lines = lines
        warmth = PromptCacheWarmth(time: time)
    }

    /// The names of all providers, sorted.
    public var providers: [String] { lines.keys.sorted() }

    /// The settings of a provider.
    public func settings(of provider: String) -> ProviderSettings? { lines[provider]?.settings }

    /// Whether a provider can be asked: a key, a server on this machine, or rehearsal; and no open breaker.
    public func availability(of provider: String) -> ProviderAvailability {
        guard let line = lines[provider] else { return .unknown }
        guard line.isReachable else { return .noKey }
        let now = time.now()
        let until = breakers.withLock { $0[provider] }
        if let until, now < until { return .breakerOpen(until: until) }
        if line.breaker.isGivenUp { return .breakerOpen(until: now.adding(milliseconds: Self.breakerMilliseconds)) }
        return .ready
    }

    /// Whether a model's provider can be asked.
    public func isAvailable(_ model: ModelName) -> Bool { availability(of: model.provider) == .ready }

    /// Whether a model is the stand-in.
    public func isRehearsal(_ model: ModelName) -> Bool { lines[model.provider]?.settings.dialect == .rehearsal }

    /// What is known of a model; nil where the provider is unknown.
    public func capabilities(of model: ModelName) -> ModelCapabilities? {
        lines[model.provider]?.settings.capabilities(of: model.model, catalogue: catalogue)
    }

    /// What a model costs; nil: unpriced, to be refused under a money budget.
    public func price(of model: ModelName) -> Price? { capabilities(of: model)?.price }

    /// The most that asking a model can cost, in pico-USD; nil where it is unpriced.
    public func worstCaseCost(of conversation: Conversation, with model: ModelName) -> Int64? {
        guard let capabilities = capabilities(of: model) else { return nil }
        return capabilities.price?.worstCase(
            inputTokens: TokenEstimate.inputTokens(of: conversation),
            outputTokens: min(conversation.maximumOutputTokens, capabilities.maximumOutput))
    }

    /// The order in which models may speak for a resident.
    public func order(preferred: [ModelName], fallback: [ModelName]) -> [ModelName] {
        FallbackPolicy.order(
            preferred: preferred, nodeList: fallback, isRehearsal: isRehearsal, isAvailable: isAvailable)
    }

    /// The body that asking a model would send: the same bytes for the same conversation, for the journal's digest.
    public func requestBody(of conversation: Conversation, for model: ModelName) throws(ProviderError) -> WrittenBody {
        try line(of: model).body(of: conversation, model: model, capabilities: knownCapabilities(of: model))
    }

    /// Asks one model once; on key, account and spend-cap errors the provider's breaker opens.
    public func send(_ conversation: Conversation, to model: ModelName) async throws(ProviderError) -> Reply {
        try await send(RequestBody(try requestBody(of: conversation, for: model).bytes), of: conversation, to: model)
    }

    /// A number for an exchange, by which breakers tell who asks.
    func nextExchange() -> UInt64 { exchanges.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Whether who asked a model now would have to wait, because its provider does not answer.
    public func isStalled(_ model: ModelName) -> Bool { isStalled(model.provider) }

    /// Whether somebody who asked a provider now would have to wait, because it does not answer.
    func isStalled(_ provider: String) -> Bool { lines[provider]?.breaker.isStalled ?? false }

    /// The breaker that holds requests back while a provider does not answer.
    func breaker(of provider: String) -> ProviderBreaker? { lines[provider]?.breaker }

    /// Sends a body that was made of the conversation for this model.
    func send(
        _ body: RequestBody, of conversation: Conversation, to model: ModelName, exchange: UInt64? = nil
    ) async throws(ProviderError) -> Reply {
        let line = try line(of: model)
        try requireReady(model.provider)
        // Before any waiting: meanwhile the words may be let go of.
        let input = TokenEstimate.inputTokens(of: conversation)
        let url = try line.url(rehearsalBaseURL: line.settings.dialect == .rehearsal ? rehearsalBaseURL() : nil)
        // A probe of a silent provider waits for nobody: whoever went first may be waiting for it.
        guard cachesPrompt(of: conversation, at: model, line), !line.breaker.isStalled else {
            return try await transmit(body, of: conversation, to: model, url, line, exchange, input: input)
        }
        let prefix = PromptPrefix(conversation, model: model)
        let turn = await warmth.enter(prefix)
        guard turn != .cancelled else { throw .notSent }
        do throws(ProviderError) {
            let reply = try await transmit(body, of: conversation, to: model, url, line, exchange, input: input)
            warmth.finished(prefix, isWarm: true, lifetime: line.settings.cacheLifetime)
            return reply
        } catch {
            if turn == .first { warmth.finished(prefix, isWarm: false, lifetime: line.settings.cacheLifetime) }
            throw error
        }
    }

    func requireReady(_ provider: String) throws(ProviderError) {
        switch availability(of: provider) {
        case .ready: return
        case .unknown: throw .unknownProvider(provider)
        case .noKey: throw .noKey(provider: provider)
        case .breakerOpen(let until): throw .breakerOpen(provider: provider, until: until)
        }
    }

    /// Whether the first of several such requests should go alone, for the others to read what it has cached.
    private func cachesPrompt(of conversation: Conversation, at model: ModelName, _ line: ProviderLine) -> Bool {
        line.settings.dialect == .anthropic && conversation.system.contains(where: \.cacheBreakpoint)
            && capabilities(of: model)?.cacheMinimum.map { PromptPrefix.tokens(of: conversation) >= $0 } ?? false
    }

    private func transmit(
        _ body: RequestBody, of conversation: Conversation, to model: ModelName, _ url: String, _ line: ProviderLine,
        _ exchange: UInt64?, input: Int
    ) async throws(ProviderError) -> Reply {
        try await enter(line, exchange)
        defer { line.gate.leave() }
        let isJoint = line.gate.meter.isJoint
        let use = RateUse(
            input: input, output: min(conversation.maximumOutputTokens, RateUse.expectedOutput), isJoint: isJoint)
        guard await line.gate.await(use) else { throw .notSent }
        var actual: RateUse?
        defer { line.gate.meter.settle(use, actual: actual) }
        // It may have waited for minutes, and been told to stop meanwhile: what was not sent yet costs nothing.
        guard !isStopping() else { throw .notSent }
        // While it waited, another request may have learnt that this provider refuses the node.
        try requireReady(model.provider)
        let transmission = Transmission(line: line, client: client, time: time, use: use)
        let asker = exchange ?? nextExchange()
        do throws(ProviderError) {
            let reply = try await transmission.reply(to: body, url: url, model: model)
            actual = RateUse(reply.usage, isJoint: isJoint)
            line.breaker.report(.answered, of: asker)
            return reply
        } catch {
            if error.failureClass == .providerDown { openBreaker(of: model.provider) }
            if let sign = error.sign { line.breaker.report(sign, of: asker) }
            throw error
        }
    }

    /// Takes a place at the provider; who waited for one while it fell silent waits on, without a place.
    private func enter(_ line: ProviderLine, _ exchange: UInt64?) async throws(ProviderError) {
        while true {
            guard await line.gate.enter() else { throw .notSent }
            guard let exchange, !line.breaker.lets(exchange) else { return }
            line.gate.leave()
            switch await line.breaker.enter(exchange) {
            case .granted: continue
            case .cancelled: throw .notSent
            case .refused: throw refusal(of: line.settings.name)
            }
        }
    }

    /// Why a provider is not asked whose breaker is open.
    func refusal(of provider: String) -> ProviderError {
        if case .breakerOpen(let until) = availability(of: provider) {
            return .breakerOpen(provider: provider, until: until)
        }
        return .breakerOpen(provider: provider, until: time.now().adding(milliseconds: Self.breakerMilliseconds))
    }

    /// Leaves a provider alone for the night.
    public func openBreaker(of provider: String) {
        let until = time.now().adding(milliseconds: Self.breakerMilliseconds)
        breakers.withLock { $0[provider] = until }
    }

    /// Lets every provider be asked again: a new night begins, or somebody mended a key.
    public func closeBreakers() {
        breakers.withLock { $0 = [:] }
        for line in lines.values { line.breaker.close() }
    }

    /// Stops the stand-in's server, if it was started; the router is not used afterwards.
    public func shutdown() async {
        let server = rehearsal.withLock { $0.take() }
        await server?.stop()
    }

    /// Waits as this router waits: a stop of the program ends it with an error.
    public func wait(_ milliseconds: Int64) async throws { try await sleep(milliseconds) }

    /// The line to a provider.
    func line(named provider: String) -> ProviderLine? { lines[provider] }

    private func line(of model: ModelName) throws(ProviderError) -> ProviderLine {
        guard let line = lines[model.provider] else { throw .unknownProvider(model.provider) }
        return line
    }

    private func knownCapabilities(of model: ModelName) -> ModelCapabilities {
        capabilities(of: model) ?? ModelCapabilities()
    }

    /// Where the stand-in listens; it is started when it is first needed.
    private func rehearsalBaseURL() throws(ProviderError) -> String {
        let url = rehearsal.withLock { server -> String? in
            if server == nil { server = try? RehearsalServer(sleep: sleep) }
            return server?.baseURL
        }
        guard let url else { throw .rehearsalUnavailable }
        return url
    }
}
