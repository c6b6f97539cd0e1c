// After a lost end of the ledger: what follows it provably can be adopted, on the record; what is further ahead cannot.
import Community
import Encoding
import Engine
import Files
import Ledger
import Persona
import Providers
import SQLite
import TestSupport
import Testing
import Vault

@Suite struct AdoptionTests {
    /// A home whose ledger lost its last `runs` runs of its one resident, and whose operator accepted that.
    private func lossy(runs: Int) async throws -> (home: TestHome, resident: Identifier) {
        let home = try await TestHome()
        func day(_ number: Int) -> CivilDate { CivilDate(daysSinceEpoch: home.today.daysSinceEpoch + Int64(number)) }
        let id = try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], in: house)[0].id
            let engine = try home.engine(house)
            #expect(try await engine.run(id, on: day(0)).outcome == .done)
            return id
        }
        let ledger = try readFile(home.paths.ledger)
        try await home.owned { house in
            let engine = try home.engine(house)
            for number in 1...runs { #expect(try await engine.run(id, on: day(number)).outcome == .done) }
        }
        for name in ["-wal", "-shm", ""] { try? Files.remove(home.paths.ledger + name) }
        try writeFile(home.paths.ledger, ledger)
        await #expect(throws: EngineError.self) { try await home.open() }
        let loss = try await House.acceptLoss(at: home.paths, surroundings: TestHome.surroundings(home.clock))
        let lost = try #require(loss)
        #expect(lost.named > lost.found)
        return (home, id)
    }

    @Test("one generation ahead is named newer, adopted on the record, and lived on from")
    func adopted() async throws {
        let (home, id) = try await lossy(runs: 1)
        try await home.owned { house in
            let faults = try await house.verifyVault(of: nil).faults
            #expect(faults.map(\.kind) == [.newer] && faults.first?.found == "2")
            #expect(try await house.adoptableGeneration(of: id)?.number == 2)
            #expect(try await house.adopt(id).number == 2)
            #expect(try await house.verifyVault(of: nil).isSound)
            #expect(try await house.package(of: id).counters.runs == 2)
            let incident = try #require(try await house.spans(.incident).last)
            #expect(incident.metadata["kind"]?.string == "vault_adopted" && incident.who == .operator(house.operatorID))
            await #expect(throws: EngineError.nothingToAdopt(id)) { try await house.adopt(id) }
            let later = CivilDate(daysSinceEpoch: home.today.daysSinceEpoch + 3)
            let report = try await home.engine(house).run(id, on: later)
            #expect(report.outcome == .done && report.generation == 3, "\(report)")
            #expect(try await house.faults() == [])
        }
    }

    @Test("two generations ahead cannot be proven to follow")
    func tooFar() async throws {
        let (home, id) = try await lossy(runs: 2)
        try await home.owned { house in
            let faults = try await house.verifyVault(of: nil).faults
            #expect(faults.contains { $0.kind == .newer && $0.found == "3" })
            await #expect(throws: EngineError.nothingToAdopt(id)) { try await house.adopt(id) }
        }
    }

    @Test("a file that does not open, or follows another header, is not adopted")
    func altered() async throws {
        let (home, id) = try await lossy(runs: 1)
        let name = try #require(try home.blobs().first { $0.hasSuffix(".2.blob") })
        let path = "\(home.paths.vault)/blobs/\(name)"
        let whole = try readFile(path)
        var bytes = whole
        bytes[bytes.count - 1] ^= 1
        try Files.remove(path)
        try writeFile(path, bytes)
        _ = try await home.owned { house in
            await #expect(throws: EngineError.self) { try await house.adopt(id) }
        }
        // The field that names the header before this one.
        bytes = whole
        bytes[90] ^= 1
        try Files.remove(path)
        try writeFile(path, bytes)
        try await home.owned { house in
            await #expect(throws: EngineError.nothingToAdopt(id)) { try await house.adopt(id) }
            let incidents = try await house.spans(.incident)
            #expect(incidents.isEmpty)
        }
    }

    @Test("a backup shorter than the lost ledger comes back where that is accepted, and the record says so")
    func restoredWithLoss() async throws {
        let home = try await TestHome()
        let backup = "\(home.directory.path)/backup"
        let surroundings = TestHome.surroundings(home.clock)
        try await home.owned { house in
            try await TestHome.admit(["Mira"], in: house)
            _ = try await house.backUp(to: backup, keysUnder: nil)
        }
        let named = try await home.owned { house in
            try await TestHome.admit(["Tomas"], in: house)
            return try await house.ledger.size()
        }
        for name in ["", "-wal", "-shm"] { try? Files.remove(home.paths.ledger + name) }
        await #expect(throws: EngineError.self) {
            try await House.restore(from: backup, to: home.paths, keys: nil, surroundings: surroundings)
        }
        _ = try await House.restore(
            from: backup, to: home.paths, keys: nil, acceptsLoss: true, surroundings: surroundings)
        let house = try await home.open(.reader)
        let span = try #require(try await house.spans(.ledgerLossAccepted).first)
        #expect(span.metadata["from"]?.integer == Int64(named))
        #expect(try await house.residents().residents.map(\.name) == ["Mira"])
        await house.close()
    }

    @Test("a backup that an earlier version of the program made comes back, and is brought up to date")
    func restoredFromAnOlderStore() async throws {
        let home = try await TestHome()
        let backup = "\(home.directory.path)/backup"
        try await home.owned { house in
            try await TestHome.admit(["Mira"], in: house)
            _ = try await house.backUp(to: backup, keysUnder: nil)
        }
        let older = try Connection(path: HomePaths(root: backup).ledger, mode: .readWriteCreate)
        try older.execute(OldLedger.thirdStep)
        for name in ["", "-wal", "-shm"] { try? Files.remove(home.paths.ledger + name) }
        _ = try await House.restore(
            from: backup, to: home.paths, keys: nil, surroundings: TestHome.surroundings(home.clock))
        try await home.owned { house in
            let names = try await house.residents().residents.map(\.name)
            let faults = try await house.faults()
            #expect(names == ["Mira"] && faults == [])
        }
    }
}
