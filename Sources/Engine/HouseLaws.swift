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

    private struct State {
        var register: LawRegister
        /// The position up to which the record was read.
        var seen = 0
        /// The checker of the laws of these hashes.
        var checker: (hashes: [String], checker: ConstraintChecker)?
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
            let seen = state.withLock(\.seen)
            let spans = try await ledger.spans(
                Ledger.Query(positions: seen..<Int.max, types: Self.types, subject: Self.subject, limit: 256))
            guard let last = spans.last else { return state.withLock(\.register) }
            let events = try spans.map { try Self.event($0) }
            state.withLock { state in
                guard state.seen == seen else { return }
                for event in events { state.register.take(event) }
                state.seen = last.position + 1
            }
        }
    }

    /// The checker of the laws in force at an instant.
    func checker(at instant: Instant, of ledger: Ledger) async throws -> ConstraintChecker {
        let laws = try await register(of: ledger).inForce(at: instant)
        let hashes = laws.map(\.hash)
        if let made = state.withLock(\.checker), made.hashes == hashes { return made.checker }
        let texts = laws.map { (text: $0.text, hash: $0.hash) }
        let checker =
            isInText
            ? try ConstraintChecker.governed(by: texts, limits: limits)
            : try ConstraintChecker.standard(limits: limits, beside: texts)
        state.withLock { $0.checker = (hashes, checker) }
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
