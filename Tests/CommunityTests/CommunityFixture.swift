// A ledger with the community's tables, and spans that are the same in every run.
import Community
import Cryptography
import Encoding
import Ledger
import SQLite
import Synchronization
import TestSupport

final class CommunityFixture: Sendable {
    let directory: TemporaryDirectory
    let ledger: Ledger
    let reader: CommunityReader
    private let counter = Mutex<UInt64>(0)

    static let start = Instant(unixMilliseconds: 1_795_237_200_000)
    static let dayLength: Int64 = 86_400_000
    static let hash = "blake3:" + String(repeating: "ab", count: 32)
    static let operatorID = number(99)

    init() async throws {
        directory = try TemporaryDirectory()
        ledger = try await Ledger.create(
            at: LedgerPaths(home: directory.path), origin: "test.example/node",
            signingKey: try SigningKey(seed: SecretBytes(copying: [UInt8](repeating: 7, count: 32))),
            genesis: Genesis(
                vault: String(repeating: "0f", count: 16), preamble: Self.hash, laws: [Self.hash], program: "test"),
            id: Self.number(1_000), at: Self.start, projections: [CommunityProjection()],
            schemas: [CommunityStore.schema])
        reader = CommunityReader(ledger)
    }

    /// The id that ends in this number.
    static func number(_ number: UInt64) -> Identifier {
        Identifier(high: 0x019A_9D3C_8C00_7ABC, low: 0x8DEF_1000_0000_0000 + number)
    }

    /// An id for a span.
    func next() -> Identifier {
        Self.number(
            1_000_000
                + counter.withLock { count in
                    count += 1
                    return count
                })
    }

    /// So many minutes after the start.
    func at(_ minutes: Int64) -> Instant { Self.start.adding(milliseconds: minutes * 60_000) }

    static let today = start..<start.adding(milliseconds: dayLength)
    static let days = (0...3).map { start.adding(milliseconds: Int64($0) * dayLength) }

    func admit(_ resident: Identifier, _ name: String, model: String = "anthropic/one") async throws {
        try await ledger.append([
            SpanDraft(
                id: next(), entityType: .residentAdmitted, who: .operator(Self.operatorID),
                this: resident.description, at: at(0),
                metadata: [
                    "generation": 0, "header": .string(Self.hash), "model": .string(model),
                    "inbox_key": .string(String(repeating: "11", count: 32)),
                ], name: name)
        ])
    }

    func note(
        _ kind: EntityType, _ resident: Identifier, _ metadata: JSONObject = [:], content: JSON? = nil,
        name: String? = nil, minutes: Int64 = 1
    ) async throws {
        try await ledger.append([
            SpanDraft(
                id: next(), entityType: kind, who: .engine, this: resident.description, at: at(minutes),
                metadata: metadata, content: content, name: name, traceID: next(),
                durationMilliseconds: kind.rawValue.hasPrefix("run.") ? 34 : nil)
        ])
    }

    func post(_ text: String, by resident: Identifier, title: String? = nil, minutes: Int64 = 1) async throws {
        try await ledger.append([
            CommunitySpans.post(
                span: next(), post: next(), by: resident, at: at(minutes), title: title, text: text, rehearsed: false,
                run: nil)
        ])
    }

    /// A letter with its body, as a commit writes it.
    @discardableResult
    func send(
        from who: Actor, to recipient: Correspondent, minutes: Int64 = 1, notBefore: Instant? = nil
    ) async throws -> Identifier {
        let id = next()
        try await ledger.append(
            [CommunitySpans.letter(span: next(), letter: id, who: who, to: recipient, at: at(minutes))]
        ) { try CommunityStore.putLetter(id, ciphertext: [1, 2, 3], notBefore: notBefore, in: $0) }
        return id
    }

    /// A letter of a human as the `message` command takes it in: checked in the same transaction.
    func message(from human: Identifier, to resident: Identifier, minutes: Int64 = 1) async throws {
        let id = next()
        try await ledger.append(
            [
                CommunitySpans.letter(
                    span: next(), letter: id, who: .human(human), to: .resident(resident), at: at(minutes))
            ]
        ) { connection in
            try CommunityStore.checkLetter(
                id, from: .human(human), to: resident, day: Self.today, in: connection)
            try CommunityStore.putLetter(id, ciphertext: [1], in: connection)
        }
    }

    /// Every row of every derived table, in a fixed order.
    func derivedRows() async throws -> [[SQLiteValue]] {
        try await ledger.read { connection in
            let tables = try connection.rows(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'community_*' ORDER BY 1"
            ) { $0.text(0) }
            return try tables.flatMap { table in
                try connection.rows("SELECT * FROM \(table) ORDER BY 1, 2") { row in
                    [.text(table)] + (0..<row.count).map { row.value($0) }
                }
            }
        }
    }
}
