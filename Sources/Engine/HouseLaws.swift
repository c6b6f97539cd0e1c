// The laws of a home: read from its files as the ledger pins them, and from the record of what was changed since.
import Cryptography
import Encoding
import Files
import Law
import Ledger
import Synchronization

/// The laws in text of a home, or of the repository that a home is made from.
struct FoundingLaws: Sendable {
    /// The laws with their hashes, by file name.
    let laws: [EnactedLaw]
    /// The names of their files, in the same order.
    let files: [String]

    var hashes: [String] { laws.map(\.hash) }

    static let none = FoundingLaws(laws: [], files: [])

    private init(laws: [EnactedLaw], files: [String]) { (self.laws, self.files) = (laws, files) }

    /// Reads every `*.law` of a folder, in the order of the names; none where there is no folder.
    ///
    /// - Parameter pinned: the hashes that the ledger pins; any other law, and any missing, is an altered one. Nil
    ///   while a home is made: then each must decide as its examples say.
    init(directory: String, pinned: [String]?) throws(EngineError) {
        var laws: [EnactedLaw] = []
        var files: [String] = []
        let names = ((try? Files.list(directory)) ?? []).filter { $0.hasSuffix(".law") }.sorted()
        for name in names.prefix(LawBounds.lawCount + 1) {
            let bytes = try asEngineErrorNow {
                try Files.read("\(directory)/\(name)", maximumBytes: LawBounds.textBytes)
            }
            let hash = Self.hash(of: bytes)
            if let pinned, !pinned.contains(hash) {
                throw .lawsAltered(expected: "the laws that the ledger pins", found: "\(name) \(hash)")
            }
            guard let text = String(validating: bytes, as: UTF8.self) else { throw .unexpected("law is not UTF-8") }
            let law = try asEngineErrorNow { try LawText(text) }
            if pinned == nil { try Self.check(law, beside: "\(directory)/\(name)") }
            laws.append(EnactedLaw(text: law, hash: hash))
            files.append(name)
        }
        if let missing = pinned?.first(where: { hash in !laws.contains { $0.hash == hash } }) {
            throw .lawsAltered(expected: missing, found: "no such law in preambles/laws")
        }
        // Two laws of one name, or too many, are found here and not at the first call.
        _ = try asEngineErrorNow { try LawSet(laws.map { (text: $0.text, hash: $0.hash) }) }
        self.init(laws: laws, files: files)
    }

    /// `blake3:` and the hash of a law's bytes.
    static func hash(of bytes: [UInt8]) -> String { "blake3:\(Hex.encode(BLAKE3.hash(bytes)))" }

    private static func check(_ law: LawText, beside path: String) throws(EngineError) {
        let bytes = try asEngineErrorNow {
            try Files.read(path.dropLast(4) + ".fixtures.json", maximumBytes: HouseLaws.fixtureBytes)
        }
        try HouseLaws.check(law, against: bytes)
    }
}

/// The laws of an opened home, with what the record says of their changes.
final class HouseLaws: Sendable {
    /// The most that the examples of a law may have.
    static let fixtureBytes = 32_768
    /// What every span about laws is about.
    static let subject = "laws"
    static let types: [EntityType] = [.lawProposed, .lawApproved, .lawDeprecated]
    private static let spansAtOnce = 256

    private struct State {
        var register: LawRegister
        /// The position up to which the record was read.
        var seen = 0
        /// The checker of the laws that are in force at these times, by what was read so far.
        var made: (times: Range<Instant>, checker: ConstraintChecker)?
    }

    private let state: Mutex<State>
    private let limits: LawLimits
    /// Whether the home was founded with laws in text; an older one has the hard constraints and the rates in code.
    let isInText: Bool

    init(founding: [EnactedLaw], isInText: Bool, limits: LawLimits) {
        state = Mutex(State(register: LawRegister(founding: founding)))
        self.limits = limits
        self.isInText = isInText
    }

    /// A law must decide as its examples say, and have one of each outcome.
    static func check(_ law: LawText, against fixtures: [UInt8]) throws(EngineError) {
        guard law.undoneActions.isEmpty else { throw .lawChange(.undone, law: law.id.description) }
        let outcome = try asEngineErrorNow {
            let fixtures = try LawFixtures(fixtures)
            return (try fixtures.run(law).allSatisfy(\.passes), fixtures.missing(for: law).isEmpty)
        }
        guard outcome == (true, true) else { throw .lawChange(.examples, law: law.id.description) }
    }

    /// Reads what was said of laws since the last time.
    func register(of ledger: Ledger) async throws -> LawRegister {
        while true {
            let spans = try await ledger.spans(unread)
            guard !spans.isEmpty else { return state.withLock(\.register) }
            try take(spans)
        }
    }

    /// What asks the record for what was said of laws since the last time.
    var unread: Ledger.Query {
        Ledger.Query(
            positions: state.withLock(\.seen)..<Int.max, types: Self.types, subject: Self.subject,
            limit: Self.spansAtOnce)
    }

    /// Takes up what the record answered; what came in meanwhile by another reading is not taken twice.
    private func take(_ spans: [Span]) throws {
        guard let last = spans.last else { return }
        let events = try spans.map { (position: $0.position, event: try Self.event($0)) }
        state.withLock { state in
            for (position, event) in events where position >= state.seen { state.register.take(event) }
            state.seen = max(state.seen, last.position + 1)
            state.made = nil
        }
    }

    /// The checker of the laws in force at an instant, where a reading of ``unread`` brought these spans.
    func checker(at instant: Instant, after spans: [Span], of ledger: Ledger) async throws -> ConstraintChecker {
        try take(spans)
        if spans.count == Self.spansAtOnce { _ = try await register(of: ledger) }
        let (register, seen, made) = state.withLock { ($0.register, $0.seen, $0.made) }
        if let made, made.times.contains(instant) { return made.checker }
        let laws = register.inForce(at: instant).map { (text: $0.text, hash: $0.hash) }
        let checker =
            isInText
            ? try ConstraintChecker.governed(by: laws, limits: limits)
            : try ConstraintChecker.standard(limits: limits, beside: laws)
        let end = register.nextChange(after: instant) ?? Instant(unixMilliseconds: .max)
        state.withLock { state in
            if state.seen == seen { state.made = (instant..<end, checker) }
        }
        return checker
    }

    private static func event(_ span: Span) throws -> LawEvent {
        guard let id = span.metadata["law"]?.string.flatMap({ LawID($0) }), let hash = span.metadata["hash"]?.string
        else { throw EngineError.storeMalformed }
        switch span.entityType {
        case .lawProposed:
            guard let text = span.content?["text"]?.string, FoundingLaws.hash(of: Array(text.utf8)) == hash,
                let effective = span.metadata["effective"]?.string.flatMap({ Instant(rfc3339: $0) }),
                let quorum = span.metadata["quorum"]?.integer
            else { throw EngineError.storeMalformed }
            return .proposed(
                EnactedLaw(text: try LawText(text), hash: hash), at: span.at, effective: effective,
                quorum: Int(clamping: quorum))
        case .lawApproved: return .approved(id, hash: hash, who: span.who.text, at: span.at)
        default:
            guard let from = span.metadata["from"]?.string.flatMap({ Instant(rfc3339: $0) }) else {
                throw EngineError.storeMalformed
            }
            return .deprecated(id, from: from, at: span.at)
        }
    }
}
