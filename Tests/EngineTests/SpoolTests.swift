// Letters and admissions beside an owner: taken in once, with their spans; what is malformed is refused and kept.
import Community
import Encoding
import Engine
import Foundation
import Ledger
import Persona
import Providers
import Synchronization
import TestSupport
import Testing

@Suite struct SpoolTests {
    private func files(_ home: TestHome) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: home.paths.spool).sorted()
    }

    @Test("letters and personas left beside an owner are taken in, and work like any other")
    func takesIn() async throws {
        let home = try await TestHome()
        try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], in: house)[0].id
            let mira = try #require(try await house.residents()[id])
            let reader = try await home.open(.reader)
            try await reader.spoolLetter("Good evening.", to: mira, as: "Ana")
            let persona: JSON = ["name": "Tomas", "system_prompt": "I am Tomas."]
            try reader.spoolAdmission(
                bytes: persona.serialized(), fileName: "tomas.json", format: .native, name: nil, model: .rehearsal)
            await reader.close()
            #expect(try files(home).count == 2)
            let report = try await house.takeInSpool()
            #expect(report.letters == 1 && report.admitted.map(\.name) == ["Tomas"] && report.refused.isEmpty)
            #expect(try files(home).isEmpty)
            #expect(try await house.takeInSpool().isEmpty)
            let engine = try home.engine(house)
            #expect(try await engine.run(report.admitted[0].id, on: home.today).outcome == .done)
            #expect(try await engine.run(id, on: home.today).outcome == .done)
            #expect(try await house.spans(.mailDelivered).count == 1)
            #expect(try await house.faults() == [])
            await engine.router.shutdown()
        }
    }

    @Test("a file that was taken in before a kill removed it is not taken in twice")
    func idempotent() async throws {
        let home = try await TestHome()
        try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], in: house)[0].id
            let mira = try #require(try await house.residents()[id])
            let reader = try await home.open(.reader)
            try await reader.spoolLetter("Once.", to: mira, as: "Ana")
            let persona: JSON = ["name": "Tomas", "system_prompt": "I am Tomas."]
            try reader.spoolAdmission(
                bytes: persona.serialized(), fileName: "t.json", format: .native, name: nil, model: .rehearsal)
            await reader.close()
            let kept = try files(home).map { ($0, try readFile("\(home.paths.spool)/\($0)")) }
            _ = try await house.takeInSpool()
            for (name, bytes) in kept { try writeFile("\(home.paths.spool)/\(name)", bytes) }
            let again = try await house.takeInSpool()
            #expect(again.refused.isEmpty && again.admitted.isEmpty, "\(again)")
            #expect(try files(home).isEmpty)
            #expect(try await house.residents().residents.count == 2)
            #expect(try await house.spans(.mailQueued).count == 1)
            #expect(try await house.faults() == [])
        }
    }

    @Test("an admission that was killed after its key or its blob is taken in by the next start", arguments: 1...8)
    func killedAdmission(_ boundary: Int) async throws {
        let home = try await TestHome()
        let reader = try await home.open(.reader)
        let persona: JSON = ["name": "Tomas", "system_prompt": "I am Tomas."]
        try reader.spoolAdmission(
            bytes: persona.serialized(), fileName: "t.json", format: .native, name: nil, model: .rehearsal)
        await reader.close()
        let dying = try await home.open(atStep: DeathAtAnyStep(boundary).step)
        _ = try? await dying.takeInSpool()
        await dying.close()
        // Whether the file was kept depends on where it died; the operator's copy is put back if it was refused.
        for file in try files(home) where file.hasSuffix(".refused") {
            Issue.record("boundary \(boundary): \(file)")
        }
        try await home.owned { house in
            _ = try await house.takeInSpool()
            #expect(try await house.residents().residents.map(\.name) == ["Tomas"], "boundary \(boundary)")
            #expect(try files(home).isEmpty, "boundary \(boundary)")
            #expect(try await house.faults() == [], "boundary \(boundary)")
        }
    }

    @Test("letters under one new name are one person's, spooled or not, and another house knows another id")
    func onePerson() async throws {
        var persons: Set<Identifier> = []
        for _ in 1...2 {
            let home = try await TestHome()
            let senders = try await home.owned { house in
                let id = try await TestHome.admit(["Mira"], in: house)[0].id
                let mira = try #require(try await house.residents()[id])
                let reader = try await home.open(.reader)
                try await reader.spoolLetter("One.", to: mira, as: "Ada")
                try await reader.spoolLetter("Two.", to: mira, as: "Ada")
                await reader.close()
                try await house.send("Three.", to: mira, as: "Ada")
                #expect(try await house.takeInSpool().letters == 2)
                try await house.send("Four.", to: mira, as: "Ben")
                return try await house.community.inbox(of: id, now: home.clock.source.now()).compactMap(\.from.id)
            }
            #expect(senders.count == 4 && Set(senders).count == 2)
            persons.formUnion(senders)
        }
        #expect(persons.count == 4)
    }

    @Test("a file that cannot be read now stays as it is, the fault is told, and the others go in")
    func unreadableStays() async throws {
        let home = try await TestHome()
        try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], in: house)[0].id
            let mira = try #require(try await house.residents()[id])
            let reader = try await home.open(.reader)
            try await reader.spoolLetter("Good evening.", to: mira, as: nil)
            await reader.close()
            // A link onto itself is a fault of the file system for everybody, for the superuser too.
            let loop = "00000000-0000-7000-8000-000000000001.letter"
            try FileManager.default.createSymbolicLink(
                atPath: "\(home.paths.spool)/\(loop)", withDestinationPath: loop)
            let report = try await house.takeInSpool()
            #expect(report.letters == 1 && report.refused.isEmpty && report.fault != nil, "\(report)")
            #expect(try files(home) == [loop])
        }
    }

    @Test("what is malformed, for nobody, or too much is refused, named, and kept; the rest goes in")
    func refuses() async throws {
        let home = try await TestHome()
        try await home.owned { house in
            let id = try await TestHome.admit(["Mira", "Gone"], in: house)[0].id
            let directory = try await house.residents()
            let mira = try #require(directory[id])
            let gone = try #require(directory.residents.first { $0.name == "Gone" })
            let reader = try await home.open(.reader)
            try await reader.spoolLetter("For nobody.", to: gone, as: "Ana")
            for _ in 1...21 { try await reader.spoolLetter("Again.", to: mira, as: nil) }
            let taken: JSON = ["name": "Mira", "system_prompt": "I am another."]
            try reader.spoolAdmission(
                bytes: taken.serialized(), fileName: "t.json", format: .native, name: nil, model: .rehearsal)
            await reader.close()
            try await house.erase(gone.id, justification: "Test.")
            let garbage = ["0.letter", "00000000-0000-7000-8000-000000000001.letter", "x.admission"]
            for name in garbage { try writeFile("\(home.paths.spool)/\(name)", Array("{\"format\":".utf8)) }
            try writeFile("\(home.paths.spool)/notes.txt", [0x41])
            let report = try await house.takeInSpool()
            #expect(report.letters == 20, "\(report)")
            #expect(report.refused.count == 6, "\(report.refused)")
            let left = try files(home)
            #expect(left.count { $0.hasSuffix(".refused") } == 6 && left.contains("notes.txt"))
            #expect(try await house.takeInSpool().isEmpty, "what was refused is not tried again")
            #expect(try await house.faults() == [])
        }
    }
}

/// Dies at the n-th boundary of any kind, and lets nothing be done after.
private final class DeathAtAnyStep: Sendable {
    private let passed = Counter()
    private let deadly: Int
    init(_ deadly: Int) { self.deadly = deadly }
    func step(_: HomeStep) throws {
        if passed.next() >= deadly { throw Death.Dead() }
    }
}

/// Counts calls from any thread.
private final class Counter: Sendable {
    private let count = Mutex(0)
    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
