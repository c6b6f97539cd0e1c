// What the ledger's tests share: keys, identifiers and drafts that are the same in every run.
import Cryptography
import Encoding
import Glibc
import Ledger
import SQLite
import Synchronization
import TestSupport

/// A ledger in a directory of its own, with identifiers and a clock that the test decides.
final class LedgerFixture: Sendable {
    let directory: TemporaryDirectory
    let paths: LedgerPaths
    let signingKey: SigningKey
    private let counter = Mutex<UInt64>(0)

    init() throws {
        directory = try TemporaryDirectory()
        paths = LedgerPaths(home: directory.path)
        signingKey = try Self.key(7)
    }

    /// A key of one repeated byte.
    static func key(_ byte: UInt8) throws -> SigningKey {
        try SigningKey(seed: SecretBytes(copying: [UInt8](repeating: byte, count: 32)))
    }

    static let start = Instant(unixMilliseconds: 1_795_237_200_000)

    /// The next UUIDv7.
    func id() -> Identifier {
        let number = counter.withLock { count in
            count += 1
            return count
        }
        return Identifier(high: 0x019A_9D3C_8C00_7ABC, low: 0x8DEF_0000_0000_0000 + number)
    }

    /// A resident of that number.
    static func resident(_ number: UInt64) -> Identifier {
        Identifier(high: 0x019A_9D3C_8C00_7ABC, low: 0x8DEF_1000_0000_0000 + number)
    }

    static let hash = "blake3:" + String(repeating: "ab", count: 32)
    static let digest = "hmac-sha512:" + String(repeating: "cd", count: 32)
    static let genesis = Genesis(
        vault: String(repeating: "0f", count: 16), preamble: hash, laws: [hash], program: "sanctuary test")

    func create(projections: [any Projection] = [], schemas: [LedgerSchema] = []) async throws -> Ledger {
        try await Ledger.create(
            at: paths, origin: "test.example/node", signingKey: signingKey, genesis: Self.genesis, id: id(),
            at: Self.start, projections: projections, schemas: schemas)
    }

    func open(projections: [any Projection] = [], schemas: [LedgerSchema] = []) async throws -> Ledger {
        try await Ledger.open(at: paths, signingKey: signingKey, projections: projections, schemas: schemas)
    }

    func admission(of resident: Identifier, name: String = "Aria") -> SpanDraft {
        SpanDraft(
            id: id(), entityType: .residentAdmitted, who: .operator(Self.resident(99)), this: resident.description,
            at: Self.start,
            metadata: [
                "generation": 0, "header": .string(Self.hash), "model": "rehearsal/rehearsal",
                "inbox_key": .string(String(repeating: "11", count: 32)),
            ], name: name)
    }

    func pause(of resident: Identifier, reason: String = "holiday") -> SpanDraft {
        SpanDraft(
            id: id(), entityType: .residentPaused, who: .node, this: resident.description, at: Self.start,
            metadata: ["reason": .string(reason)])
    }

    func seal(of resident: Identifier, generation: Int64, run: Identifier? = nil) -> SpanDraft {
        SpanDraft(
            id: id(), entityType: .vaultSealed, who: .engine, this: resident.description, at: Self.start,
            metadata: ["generation": .integer(generation), "header": .string(Self.hash), "episodes": []], traceID: run)
    }

    func deletion(of resident: Identifier) -> SpanDraft {
        SpanDraft(
            id: id(), entityType: .residentDeleted, who: .resident(resident), this: resident.description,
            at: Self.start, metadata: ["level": "D0", "epoch": 2, "by": "resident"])
    }

    func post(by resident: Identifier, _ text: String = "A quiet day.", sealed: [UInt8]? = nil) -> SpanDraft {
        SpanDraft(
            id: id(), entityType: .post, who: .resident(resident), this: id().description, at: Self.start,
            metadata: ["rehearsed": true], content: ["text": .string(text)], relatedTo: [resident],
            sealed: sealed.map { SealedPayload(keyID: [UInt8](repeating: 9, count: 16), ciphertext: $0) })
    }

    /// The spans of one whole run, from claim to completion.
    func run(of resident: Identifier, generation: Int64, day: String) -> [SpanDraft] {
        let run = id()
        func draft(_ kind: EntityType, _ metadata: JSONObject, key: String? = nil) -> SpanDraft {
            SpanDraft(
                id: id(), entityType: kind, who: .engine, this: resident.description, at: Self.start,
                metadata: metadata, traceID: run, idempotencyKey: key)
        }
        return [
            draft(.runClaimed, ["trigger": "nightly", "occurrence": .string(day)], key: "nightly:\(day):\(resident)"),
            draft(.vaultOpened, ["generation": .integer(generation - 1), "reason": "run"]),
            draft(
                .contextComposed,
                [
                    "digest": .string(Self.digest), "preamble": .string(Self.hash), "bytes": 4096, "left_out": 0,
                    "untrusted": false,
                ]),
            draft(
                .providerCalled,
                [
                    "provider": "rehearsal", "model": "rehearsal", "round": 1, "attempt": 1,
                    "digest": .string(Self.digest), "input": 1000, "cacheRead": 0, "cacheWrite": 0, "output": 120,
                    "house": 600, "costPicoUSD": 0, "ms": 12, "stop": "end_turn",
                ]),
            draft(
                .personaSettled,
                ["runs": 1, "charged": 1040, "balance": 8960, "bank": 0, "model": "rehearsal/rehearsal"]),
            seal(of: resident, generation: generation, run: run),
            draft(.runCompleted, ["reason": "done", "rounds": 1, "calls": 0]),
        ]
    }
}

/// The error of the ledger's own that the body throws.
func ledgerError(_ body: () async throws -> Void) async -> LedgerError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? LedgerError
    }
}

/// Removes a file.
func removeFile(_ path: String) throws {
    guard unlink(path) == 0 else { throw RemovalError(path: path) }
}

/// Why a test's file could not be removed.
struct RemovalError: Error {
    let path: String
}
