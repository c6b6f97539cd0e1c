// The directory of residents: what spans make of it, and who is found by what.
import Community
import Encoding
import Ledger
import Testing

private let aria = CommunityFixture.number(1)
private let boris = CommunityFixture.number(2)

@Suite struct DirectoryTests {
    @Test func anAdmissionMakesARecord() async throws {
        let house = try await CommunityFixture()
        try await house.admit(aria, "Aria", model: "local/two")
        let record = try #require(try await house.reader.resident(aria))
        #expect(
            record
                == ResidentRecord(
                    id: aria, name: "Aria", headerHash: [UInt8](repeating: 0xAB, count: 32), model: "local/two",
                    inboxKey: [UInt8](repeating: 0x11, count: 32), admittedAt: CommunityFixture.start))
        #expect(try await house.reader.resident(boris) == nil)
    }

    @Test func aRunMovesTheRecordOn() async throws {
        let house = try await CommunityFixture()
        try await house.admit(aria, "Aria")
        try await house.note(
            .personaSettled, aria, ["runs": 1, "charged": 1040, "balance": 8960, "bank": 5, "model": "local/two"],
            name: "Aria the Second", minutes: 5)
        try await house.note(
            .vaultSealed, aria,
            ["generation": 1, "header": .string("blake3:" + String(repeating: "cd", count: 32)), "episodes": []])
        try await house.note(.runCompleted, aria, ["reason": "done", "rounds": 2, "calls": 2], minutes: 6)
        try await house.note(.runSkipped, aria, ["reason": "no_provider"], minutes: 7)
        let record = try #require(try await house.reader.resident(aria))
        #expect(record.name == "Aria the Second")
        #expect(record.runs == 1)
        #expect(record.balance == 8960)
        #expect(record.bank == 5)
        #expect(record.settledAt == house.at(5))
        #expect(record.model == "local/two")
        #expect(record.generation == 1)
        #expect(record.headerHash == [UInt8](repeating: 0xCD, count: 32))
        #expect(record.lastRun == house.at(6))
        #expect(record.lastOutcome == "skipped")
        #expect(record.lastReason == "no_provider")
    }

    @Test func pausingAndResumingAndTheEnd() async throws {
        let house = try await CommunityFixture()
        try await house.admit(aria, "Aria")
        func status() async throws -> ResidentStatus? { try await house.reader.resident(aria)?.status }
        try await house.note(.residentPaused, aria)
        #expect(try await status() == .paused)
        try await house.note(.residentResumed, aria)
        #expect(try await status() == .active)
        try await house.note(
            .residentDeleted, aria, ["level": "D0", "epoch": 2, "by": "resident"],
            content: ["statement": "It was good."], minutes: 9)
        #expect(try await status() == .deletedMemorial)
        let entry = MemorialEntry(
            resident: aria, name: "Aria", admittedAt: CommunityFixture.start, deletedAt: house.at(9),
            statement: "It was good.", asker: .resident, level: "D0")
        #expect(try await house.reader.memorial() == [entry])
    }

    @Test func theMemorialIsInTheOrderOfDeathsLastFirst() async throws {
        let house = try await CommunityFixture()
        try await house.admit(aria, "Aria", model: "rehearsal/rehearsal")
        try await house.admit(boris, "Boris")
        try await house.note(
            .residentDeleted, boris, ["level": "D1", "by": "operator"], content: ["justification": "A court order."])
        try await house.note(.residentDeleted, aria, ["level": "D0", "by": "resident"])
        let entries = try await house.reader.memorial()
        #expect(entries.map(\.name) == ["Aria", "Boris"])
        #expect(entries.map(\.isRehearsed) == [true, false])
        #expect(entries.map(\.asker) == [.resident, .operator])
        #expect(entries.map(\.justification) == [nil, "A court order."])
        #expect(entries.map(\.statement) == [nil, nil])
    }
}

@Suite struct LookupTests {
    private static func record(_ low: UInt64, _ name: String) -> ResidentRecord {
        ResidentRecord(
            id: Identifier(high: 0x019A_9D3C_8C00_7ABC, low: 0x8DEF_0000_0000_0000 + low), name: name,
            model: "local/two", admittedAt: CommunityFixture.start)
    }

    private let directory = ResidentDirectory([
        record(0xB2C3, "Boris"), record(0xA1B2, "Aria"), record(0xC3D4, "Cleo"), record(0xD4E5, "cleo"),
        record(0xE5F6, "a1b2"),
    ])

    private func found(_ text: String) -> String? {
        if case .found(let record) = directory.resident(matching: text) { record.name } else { nil }
    }

    @Test func idsAreFoundWholeOrByTheirEnds() {
        #expect(found("019a9d3c-8c00-7abc-8def-00000000b2c3") == "Boris")
        #expect(found("019A9D3C8C007ABC8DEF00000000B2C3") == "Boris")
        #expect(found("0000b2c3") == "Boris")
        #expect(found("B2C3") == "Boris")
        #expect(found("019a9d3c-8c00-7abc-8def-0000-0000-b2c") == "Boris")
        #expect(directory[CommunityFixture.number(1)] == nil)
    }

    @Test func namesAreFoundAndAnExactNameComesFirst() {
        #expect(found("Aria") == "Aria")
        #expect(found("aria") == "Aria")
        #expect(found("cleo") == "cleo")
    }

    /// Residents choose their names, so none can be taken to receive what was meant for the one whose id ends so.
    @Test(arguments: ["a1b2", "A1B2"]) func aNameNeverBeatsAnotherResidentsID(_ text: String) {
        guard case .ambiguous(let both) = directory.resident(matching: text) else {
            Issue.record("a name that is another's short id must be ambiguous")
            return
        }
        #expect(both.map(\.name) == ["Aria", "a1b2"])
        #expect(found("019a9d3c-8c00-7abc-8def-00000000a1b2") == "Aria")
        #expect(found("019a9d3c-8c00-7abc-8def-00000000e5f6") == "a1b2")
    }

    @Test func anIDBeatsTheNameThatCopiesItWhole() {
        let copied = "019a9d3c-8c00-7abc-8def-00000000a1b2"
        let residents = ResidentDirectory([Self.record(0xA1B2, "Aria"), Self.record(0xB2C3, copied)])
        guard case .found(let record) = residents.resident(matching: copied) else {
            Issue.record("a whole id means its resident")
            return
        }
        #expect(record.name == "Aria")
    }

    @Test func whatFitsSeveralIsAmbiguous() {
        guard case .ambiguous(let several) = directory.resident(matching: "019a9d3c") else {
            Issue.record("a prefix that all share must be ambiguous")
            return
        }
        #expect(several.map(\.name) == ["Aria", "Boris", "Cleo", "cleo", "a1b2"])
        guard case .ambiguous(let cleos) = directory.resident(matching: "CLEO") else {
            Issue.record("a name that differs in case alone must be ambiguous")
            return
        }
        #expect(cleos.map(\.name) == ["Cleo", "cleo"])
    }

    @Test func aWrongOneGetsTheNearest() {
        #expect(directory.resident(matching: "Borsi") == .notFound(suggestions: ["Boris"]))
        #expect(directory.resident(matching: "0000b2d3") == .notFound(suggestions: ["0000b2c3"]))
        #expect(directory.resident(matching: "2c3") == .notFound(suggestions: []))
        #expect(directory.resident(matching: "") == .notFound(suggestions: []))
        #expect(directory.resident(matching: "somebody else entirely") == .notFound(suggestions: []))
    }
}
