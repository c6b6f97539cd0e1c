// The reference home's ledger, written by an independent program: its spans and head come out byte for byte.
import Cryptography
import Encoding
import Ledger
import TestSupport
import Testing

/// Origin of the vectors: shared vectors, `sanctuary-v1` (a genesis, three admissions, one whole run).
enum Reference {
    static let directory = "vectors/sanctuary-v1"

    static func signingKey() throws -> SigningKey {
        let line = try SharedData.bytes("\(directory)/keys/node.ed25519")
        return try SigningKey(seed: SecretBytes(hex: Array(line.prefix(64))))
    }

    static func lines() throws -> [[UInt8]] {
        try SharedData.bytes("\(directory)/export/spans.ndjson").split(separator: UInt8(ascii: "\n")).map(Array.init)
    }

    /// A ledger written from drafts of the reference spans.
    static func write(at paths: LedgerPaths) async throws -> Ledger {
        let spans = try lines().map { try Span(canonicalBytes: $0) }
        let genesis = try #require(spans.first)
        let facts = genesis.metadata
        let ledger = try await Ledger.create(
            at: paths, origin: genesis.this, signingKey: signingKey(),
            genesis: Genesis(
                vault: facts["vault"]?.string ?? "", preamble: facts["preamble"]?.string ?? "",
                laws: facts["laws"]?.array?.compactMap(\.string) ?? [], program: facts["program"]?.string ?? ""),
            id: genesis.id, at: genesis.at)
        try await ledger.append(try spans.dropFirst().map(draft))
        return ledger
    }

    /// The draft that a span was made of, with its payload from the export.
    static func draft(of span: Span) throws -> SpanDraft {
        let sealed = try span.sealed.map {
            SealedPayload(
                keyID: $0.keyID, ciphertext: try SharedData.bytes("\(directory)/export/sealed/\(span.id).\(span.seq)"))
        }
        return SpanDraft(
            id: span.id, seq: span.seq, entityType: span.entityType, who: span.who, did: span.did, this: span.this,
            at: span.at, visibility: span.visibility, metadata: span.metadata, content: span.content, name: span.name,
            relatedTo: span.relatedTo, traceID: span.traceID, idempotencyKey: span.idempotencyKey,
            status: span.status, durationMilliseconds: span.durationMilliseconds, parentID: span.parentID,
            sealed: sealed)
    }
}

@Suite(.enabled(if: SharedData.isPresent, "needs the shared vectors"))
struct ReferenceTests {
    @Test("drafts of the reference spans become the same bytes, hashes, signatures and head")
    func writesTheReference() async throws {
        let fixture = try LedgerFixture()
        let key = try Reference.signingKey()
        let ledger = try await Reference.write(at: fixture.paths)
        let written = try await ledger.tail(100)
        #expect(written.map(\.canonicalBytes) == (try Reference.lines()))
        for span in written { try span.checkSignature(with: key.verifyingKey) }
        #expect(try readFile(fixture.paths.head) == SharedData.bytes("\(Reference.directory)/ledger.head"))
        let report = try await ledger.verify()
        #expect(report.faults == [] && report.checked == 16)
        await ledger.close()
    }

    @Test("the writer's direct bytes are the canonical form of what they say")
    func bytesAreCanonical() throws {
        for line in try Reference.lines() {
            #expect(try JSON.parse(line, limits: .ledger).canonicalForLedger() == line)
        }
    }

    @Test("the reference export is sound, with and without trust from outside")
    func verifiesTheReference() async throws {
        let directory = SharedData.path("\(Reference.directory)/export")
        let key = try Reference.signingKey().verifyingKey
        let head = try #require(LedgerHead(line: try SharedData.bytes("\(Reference.directory)/ledger.head")))
        #expect(head.isSigned(by: key))
        let report = try await Ledger.verifyExport(directory: directory, key: key, head: head.hash)
        #expect(report.faults == [] && report.checked == 16 && report.unanchored == [] && report.includesPayloads)
        let open = try await Ledger.verifyExport(directory: directory, key: nil, head: nil)
        #expect(open.isSound && open.unanchored == [.key, .head])
    }

    @Test("an export of the reference ledger is the reference export")
    func exportsTheReference() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await Reference.write(at: fixture.paths)
        let directory = fixture.directory.path + "/export"
        let exported = try await ledger.export(to: directory)
        #expect(exported.size == 16 && exported.payloads == 2)
        #expect(
            try readFile("\(directory)/spans.ndjson") == SharedData.bytes("\(Reference.directory)/export/spans.ndjson"))
        for name in ["019a9d3c-8c00-7abc-8def-000000001008.0", "019a9d3c-8c00-7abc-8def-000000001009.0"] {
            #expect(
                try readFile("\(directory)/sealed/\(name)")
                    == SharedData.bytes("\(Reference.directory)/export/sealed/\(name)"))
        }
        let described = try JSON.parse(try readFile("\(directory)/ledger.json"))
        #expect(try described == JSON.parse(try SharedData.bytes("\(Reference.directory)/export/ledger.json")))
        await ledger.close()
    }

    @Test("what the ledger says of the reference resident is what its last spans say")
    func truth() async throws {
        let fixture = try LedgerFixture()
        let spans = try Reference.lines().map { try Span(canonicalBytes: $0) }
        let ledger = try await Reference.write(at: fixture.paths)
        let aria = try #require(Identifier("019a9d3c-8c00-7abc-8def-000000000001"))
        let truth = try #require(try await ledger.truth(of: aria))
        #expect(truth.generation == 1 && truth.position == 14 && truth.status == .active && truth.episodes == [])
        #expect(Hex.encode(truth.header) == "7ba0662d04397981bef7ae329ee01d0b818aa57bd6b7e9d23023b3d761bee960")
        #expect(truth.name == spans[2].name && truth.model == "rehearsal/rehearsal")
        let boris = try #require(Identifier("019a9d3c-8c00-7abc-8def-000000000002"))
        #expect(try await ledger.truth(of: boris)?.generation == 0)
        #expect(try await ledger.truth(of: LedgerFixture.resident(5)) == nil)
        await ledger.close()
    }
}
