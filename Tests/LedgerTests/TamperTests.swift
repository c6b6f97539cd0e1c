// The tamper matrix: each way of altering an export has its own fault, naming position and both values.
import Cryptography
import Encoding
import Ledger
import TestSupport
import Testing

/// An export that a test may alter: lines, description, payloads.
struct Export {
    let fixture: LedgerFixture
    let directory: String
    let key: VerifyingKey
    let head: [UInt8]

    /// Two residents, two runs, a post with a sealed payload.
    init() async throws {
        fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        let (aria, boris) = (LedgerFixture.resident(1), LedgerFixture.resident(2))
        try await ledger.append([fixture.admission(of: aria), fixture.admission(of: boris, name: "Boris")])
        try await ledger.append(fixture.run(of: aria, generation: 1, day: "2026-11-21"))
        try await ledger.append([fixture.post(by: aria, sealed: [1, 2, 3])])
        try await ledger.append(fixture.run(of: boris, generation: 1, day: "2026-11-21"))
        directory = fixture.directory.path + "/export"
        head = try await ledger.export(to: directory).head
        key = fixture.signingKey.verifyingKey
        await ledger.close()
    }

    func lines() throws -> [[UInt8]] {
        try readFile("\(directory)/spans.ndjson").split(separator: UInt8(ascii: "\n")).map(Array.init)
    }

    func write(_ lines: [[UInt8]]) throws {
        try writeFile("\(directory)/spans.ndjson", Array(lines.joined(separator: [0x0A])) + [0x0A])
    }

    func verify() async throws -> VerificationReport {
        try await Ledger.verifyExport(directory: directory, key: key, head: head)
    }

    /// Alters the lines and verifies.
    func verify(altering change: (inout [[UInt8]]) throws -> Void) async throws -> VerificationReport {
        var lines = try lines()
        try change(&lines)
        try write(lines)
        return try await verify()
    }

    /// The span of a line with some members changed, with a fresh hash and a signature of the key.
    static func resign(
        _ line: [UInt8], with key: SigningKey, _ change: (inout JSONObject) -> Void = { _ in }
    ) throws -> [UInt8] {
        var span = try #require(try JSON.parse(line).object)
        change(&span)
        span["curr_hash"] = nil
        span["signature"] = nil
        let hash = BLAKE3.hash(try JSON.object(span).canonicalForLedger())
        span["curr_hash"] = .string("blake3:" + Hex.encode(hash))
        span["signature"] = .string("ed25519:" + Hex.encode(key.sign(Array("sanctuary/span/v1\0".utf8) + hash)))
        return try JSON.object(span).canonicalForLedger()
    }

    static func hash(_ line: [UInt8]) throws -> String { try JSON.parse(line)["curr_hash"]?.string ?? "" }
}

private func replacing(_ line: [UInt8], _ old: String, _ new: String) -> [UInt8] {
    let text = String(decoding: line, as: UTF8.self)
    guard let range = text.firstRange(of: old) else { return line }
    return Array(text.replacingCharacters(in: range, with: new).utf8)
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>, with new: String) -> String {
        String(self[..<range.lowerBound]) + new + String(self[range.upperBound...])
    }
}

@Suite struct TamperTests {
    @Test("an export as it was written is sound, and says what stays open without a key and a head")
    func sound() async throws {
        let export = try await Export()
        let report = try await export.verify()
        #expect(report.faults == [] && report.isSound && report.checked == 18 && report.unanchored == [])
        #expect(report.includesPayloads && report.head == export.head)
        let open = try await Ledger.verifyExport(directory: export.directory, key: nil, head: nil)
        #expect(open.isSound && open.unanchored == [.key, .head])
        let home = try await export.fixture.open()
        let anchored = try await home.verifyExport(directory: export.directory)
        #expect(anchored.isSound && anchored.unanchored == [])
        await #expect(throws: LedgerError.exists(path: export.directory)) {
            _ = try await home.export(to: export.directory)
        }
        let bare = export.fixture.directory.path + "/bare"
        #expect(try await home.export(to: bare, withPayloads: false).payloads == 0)
        let without = try await home.verifyExport(directory: bare)
        #expect(without.isSound && !without.includesPayloads)
        await home.close()
    }

    @Test("an edited span: its hash")
    func edit() async throws {
        let export = try await Export()
        let report = try await export.verify { $0[1] = replacing($0[1], "\"Aria\"", "\"Arya\"") }
        #expect(report.faults.map(\.kind) == [.wrongHash])
        #expect(report.faults.first?.position == 1 && report.faults.first?.place == "position 1")
        #expect(report.faults.first?.expected != report.faults.first?.found)
    }

    @Test("an edited span with a fresh hash: signature and link")
    func editAndRehash() async throws {
        let export = try await Export()
        let other = try LedgerFixture.key(8)
        let report = try await export.verify { lines in
            lines[1] = try Export.resign(lines[1], with: other) { $0["name"] = "Arya" }
        }
        #expect(report.faults.map(\.kind) == [.wrongSignature, .brokenLink])
        #expect(report.faults.map(\.position) == [1, 2])
    }

    @Test("a dropped span")
    func drop() async throws {
        let export = try await Export()
        let report = try await export.verify { $0.remove(at: 5) }
        #expect(report.faults.map(\.kind) == [.dropped])
        #expect(report.faults.first?.position == 5)
    }

    @Test("a span put in")
    func insert() async throws {
        let export = try await Export()
        let key = export.fixture.signingKey
        let report = try await export.verify { lines in
            lines.insert(
                try Export.resign(lines[2], with: key) {
                    $0["id"] = "019a9d3c-8c00-7abc-8def-00000000ffff"
                    $0["this"] = .string(LedgerFixture.resident(3).description)
                }, at: 3)
        }
        #expect(report.faults.map(\.kind) == [.inserted])
        #expect(report.faults.first?.position == 2)
    }

    @Test("two spans swapped")
    func swap() async throws {
        let export = try await Export()
        let report = try await export.verify { $0.swapAt(1, 2) }
        #expect(Set(report.faults.map(\.kind)) == [.outOfOrder])
        #expect(report.faults.first?.position == 1)
    }

    @Test("a span standing twice")
    func duplicate() async throws {
        let export = try await Export()
        let report = try await export.verify { $0.insert($0[2], at: 3) }
        #expect(report.faults.map(\.kind) == [.duplicated])
        #expect(report.faults.first?.position == 2)
    }

    @Test("a suffix chained anew without the key: every signature of it")
    func rechain() async throws {
        let export = try await Export()
        let other = try LedgerFixture.key(8)
        let report = try await export.verify { lines in
            for index in 15..<lines.count {
                let previous = try Export.hash(lines[index - 1])
                lines[index] = try Export.resign(lines[index], with: other) {
                    $0["prev_hash"] = .string(previous)
                    if index == 15 { $0["at"] = "2026-11-21T05:00:01.000Z" }
                }
            }
        }
        #expect(
            report.faults.map(\.kind) == [
                .wrongSignature, .wrongSignature, .wrongSignature, .headMismatch, .headMismatch,
            ])
        #expect(report.faults.compactMap(\.position) == [15, 16, 17, 17])
    }

    @Test("signed anew throughout with another key: the key is not the one from outside")
    func resign() async throws {
        let export = try await Export()
        let other = try LedgerFixture.key(8)
        let report = try await export.verify { lines in
            for index in lines.indices {
                let previous = index > 0 ? try Export.hash(lines[index - 1]) : nil
                lines[index] = try Export.resign(lines[index], with: other) {
                    if let previous { $0["prev_hash"] = .string(previous) }
                    $0["key"] = .string(Hex.encode(BLAKE3.hash(other.publicKey).prefix(4)))
                }
            }
        }
        #expect(report.faults.filter { $0.kind == .foreignKey }.compactMap(\.position) == Array(0..<18))
        #expect(report.faults.contains { $0.kind == .headMismatch })
    }

    @Test("the tail cut off")
    func truncate() async throws {
        let export = try await Export()
        let report = try await export.verify { $0.removeLast(3) }
        #expect(report.faults.map(\.kind) == [.truncated, .headMismatch])
        #expect(report.faults.first?.position == 17)
        // With a description that fits, the head from outside still tells.
        let last = try Export.hash(export.lines()[14])
        let description = String(decoding: try readFile("\(export.directory)/ledger.json"), as: UTF8.self)
            .replacing("\"size\": 18", with: "\"size\": 15").replacing("blake3:" + Hex.encode(export.head), with: last)
        try writeFile("\(export.directory)/ledger.json", Array(description.utf8))
        #expect(try await export.verify().faults.map(\.kind) == [.headMismatch])
        let open = try await Ledger.verifyExport(directory: export.directory, key: nil, head: nil)
        #expect(open.isSound && open.unanchored == [.key, .head])
    }

    @Test("bytes that say the same in another form, and fields the format does not have")
    func form() async throws {
        let export = try await Export()
        let spaced = try await export.verify { $0[1] = replacing($0[1], "\"position\":1", "\"position\": 1") }
        #expect(spaced.faults.map(\.kind) == [.notCanonical] && spaced.faults.first?.position == 1)
        let again = try await Export()
        let key = again.fixture.signingKey
        let unknown = try await again.verify { $0[17] = try Export.resign($0[17], with: key) { $0["note"] = 1 } }
        #expect(unknown.faults.map(\.kind).first == .fieldUnknown)
        let third = try await Export()
        let missing = try await third.verify { $0[17] = try Export.resign($0[17], with: key) { $0["v"] = nil } }
        #expect(missing.faults.map(\.kind).first == .fieldMissing)
        let fourth = try await Export()
        let invalid = try await fourth.verify {
            $0[17] = replacing($0[17], "\"signature\":\"ed25519:", "\"signature\":\"ED25519:")
        }
        #expect(invalid.faults.map(\.kind).first == .fieldInvalid)
        let fifth = try await Export()
        let twice = try await fifth.verify { $0[1] = replacing($0[1], "\"v\":1", "\"v\":1,\"v\":1") }
        #expect(twice.faults.map(\.kind) == [.malformed])
    }

    @Test("payloads missing, altered and unnamed")
    func payloads() async throws {
        let export = try await Export()
        let sealed = try Export.payloadName(export)
        try writeFile(sealed, [1, 2, 4])
        #expect(try await export.verify().faults.map(\.kind) == [.payloadAltered])
        try removeFile(sealed)
        let missing = try await export.verify()
        #expect(missing.faults.map(\.kind) == [.payloadMissing] && missing.faults.first?.position == 10)
        try writeFile(sealed, [1, 2, 3])
        try writeFile("\(export.directory)/sealed/stray", [0])
        #expect(try await export.verify().faults.map(\.kind) == [.payloadUnexpected])
        try removeFile("\(export.directory)/ledger.json")
        await #expect(throws: LedgerError.self) { _ = try await export.verify() }
    }
}

extension Export {
    /// The path of the one payload.
    static func payloadName(_ export: Export) throws -> String {
        let post = try Span(canonicalBytes: export.lines()[10])
        return "\(export.directory)/sealed/\(post.id).0"
    }
}
