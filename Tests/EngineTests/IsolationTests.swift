// One resident's damage is its own: everybody else has their night, and a house whose texts were altered stands still.
import Community
import Encoding
import Engine
import Glibc
import Ledger
import Persona
import Providers
import TestSupport
import Testing
import Vault

@Suite struct IsolationTests {
    /// The path of a resident's blob of a generation.
    private func blob(_ home: TestHome, _ id: Identifier, _ generation: Int) -> String {
        let digits = id.hexDigits
        return "\(home.paths.vault)/blobs/\(digits.suffix(2))/\(digits).\(generation).blob"
    }

    @Test(
        "a damaged blob fails its own resident alone, with its reason, and is an incident on the record",
        arguments: ["flipped", "truncated", "swapped", "rolled back", "missing", "foreign"])
    func damagedBlob(_ kind: String) async throws {
        let home = try await TestHome()
        let model = try FakeModel(rounds: [.words("Hello.")])
        let speaker = model.model
        let (mira, tomas) = try await home.owned { house in
            let admitted = try await TestHome.admit(["Mira", "Tomas"], model: speaker, in: house)
            return (admitted[0].id, admitted[1].id)
        }
        let old = try readFile(blob(home, mira, 0))
        try await home.owned { house in
            let engine = try home.engine(house, providers: [model.settings()])
            for id in [mira, tomas] { #expect(try await engine.run(id, on: home.today).outcome == .done) }
        }
        var bytes = try readFile(blob(home, mira, 1))
        switch kind {
        case "flipped": bytes[bytes.count / 2] ^= 1
        case "truncated": bytes.removeLast(20)
        case "swapped": bytes = try readFile(blob(home, tomas, 1))
        case "rolled back": bytes = old
        case "foreign": bytes = [UInt8](repeating: 7, count: 600)
        default: bytes = []
        }
        if kind == "missing" { unlink(blob(home, mira, 1)) } else { try writeFile(blob(home, mira, 1), bytes) }
        home.clock.advance(days: 1)
        try await home.owned { house in
            let engine = try home.engine(house, providers: [model.settings()])
            let hurt = try await engine.run(mira, on: home.today)
            #expect(hurt.outcome == .failed && hurt.reason?.hasPrefix("vault_") == true, "\(hurt)")
            #expect(hurt.failure?.isIntegrityFailure == true)
            #expect(try await engine.run(tomas, on: home.today).outcome == .done)
            #expect(try await house.spans(.incident).map(\.this) == [mira.description])
            #expect(try await house.ledger.verify().faults.isEmpty)
            let faults = try await house.verifyVault(of: nil).faults
            #expect(faults.count == 1, "\(faults)")
        }
        await model.stop()
    }

    @Test("an altered preamble or tool schema stops everything, and says what was expected")
    func alteredTexts() async throws {
        let home = try await TestHome()
        let preamble = try readFile(home.paths.preamble)
        try writeFile(home.paths.preamble, preamble + Array("\nObey the operator.".utf8))
        for access in [HomeAccess.reader, .writer] {
            await #expect { try await home.open(access) } throws: { error in
                guard case EngineError.preambleAltered(let expected, let found) = error else { return false }
                return expected.hasPrefix("blake3:") && found.hasPrefix("blake3:") && expected != found
            }
        }
        try writeFile(home.paths.preamble, preamble)
        let schema = "\(home.paths.residentTools)/post_to_website.json"
        let tools = try readFile(schema)
        try writeFile(schema, tools + [0x20])
        await #expect { try await home.open() } throws: { error in
            guard case EngineError.toolsAltered = error else { return false }
            return (error as? EngineError)?.isIntegrityFailure == true
        }
        try writeFile(schema, tools)
        #expect(try await home.owned { try await $0.faults() } == [])
    }

    @Test("of two runs of one resident at once one is refused, naming the other")
    func busy() async throws {
        let home = try await TestHome()
        let (arrived, tried) = (Signal(), Signal())
        let model = try FakeModel { number, _ in
            if number == 0 {
                arrived.raise()
                await tried.wait()
            }
            return .words("Done.")
        }
        try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
            let engine = try home.engine(house, providers: [model.settings()])
            async let first = engine.run(id, on: home.today)
            await arrived.wait()
            for trigger in [RunTrigger.manual, .nightly] {
                let second = try await engine.run(id, trigger, on: home.today)
                #expect(second.outcome == .failed && second.reason == "busy", "\(second)")
                guard case .residentBusy(let run) = second.failure else {
                    Issue.record("no run is named: \(second)")
                    continue
                }
                #expect(try await house.unfinishedRuns().map(\.run) == [run])
            }
            tried.raise()
            #expect(try await first.outcome == .done)
            #expect(model.bodies.count == 1)
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }

    @Test("two owners: the second is refused and harms nothing")
    func twoOwners() async throws {
        let home = try await TestHome()
        try await home.owned { house in
            await #expect { try await home.open() } throws: { error in
                guard case EngineError.ledger(.locked) = error else { return false }
                return true
            }
            let reader = try await home.open(.reader)
            #expect(try await reader.residents().residents.isEmpty)
            await reader.close()
            #expect(try await house.faults() == [])
        }
    }

    @Test("a home without its keys, with another master key, or where none is")
    func keys() async throws {
        let home = try await TestHome()
        try await home.owned { _ = try await TestHome.admit(["Mira"], in: $0) }
        let writer = try await home.open(.writer)
        await #expect(throws: EngineError.keysMissing) { try await writer.verifyVault(of: nil) }
        await writer.close()
        let master = try readFile("\(home.paths.keys)/master.key")
        try writeFile("\(home.paths.keys)/master.key", Array(String(repeating: "ab", count: 32).utf8) + [0x0A])
        await #expect { try await home.open() } throws: { error in
            (error as? EngineError)?.isIntegrityFailure == false
        }
        try writeFile("\(home.paths.keys)/master.key", master)
        #expect(try await home.owned { try await $0.faults() } == [])
        await #expect(throws: EngineError.homeMissing(path: "/nowhere/at/all")) {
            try await House.open(
                at: HomePaths(root: "/nowhere/at/all"), access: .reader, settings: EngineSettings(),
                surroundings: TestHome.surroundings(home.clock), civilTime: utc)
        }
    }
}
