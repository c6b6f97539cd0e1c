// What lies beside a resident's package: sealed once, named by every span after it, and gone with the resident.
import Community
import Cryptography
import Encoding
import Engine
import Files
import Ledger
import Persona
import Providers
import TestSupport
import Testing
import Vault

/// The sealed files of the only resident, without its id and their directory.
private func names(_ home: TestHome) throws -> [String] {
    try home.blobs().compactMap {
        $0.split(separator: "/").last?.split(separator: ".").dropFirst().joined(separator: ".")
    }
}

private func path(_ home: TestHome, _ resident: Identifier, _ name: String) -> String {
    "\(home.paths.vault)/blobs/\(resident.hexDigits.suffix(2))/\(resident.hexDigits).\(name)"
}

@Suite("The imported file lies in an episode of its own")
struct EpisodeTests {
    @Test("an admission seals the file beside the package; a run keeps it, a verification opens it, deletion takes it")
    func lifetime() async throws {
        let home = try await TestHome()
        try await home.owned { house in
            let mira = try #require(try await TestHome.admit(["Mira"], in: house).first).id
            #expect(try names(home) == ["0.blob", "e0.blob"])
            #expect(try await house.verifyVault(of: nil).checked == 2)
            let before = try #require(try await house.ledger.truth(of: mira)).episodes
            _ = try await home.engine(house).run(mira, on: home.today)
            let truth = try #require(try await house.ledger.truth(of: mira))
            #expect(truth.generation == 1 && truth.episodes == before && before.count == 1)
            let sealed = try house.openedVault().open(
                resident: mira, expecting: Generation(number: 0, headerHash: before[0]), content: .episode)
            #expect(try Episode.parse(sealed).originals.map(\.name) == ["persona.json"])
            #expect(try await house.package(of: mira).originals.isEmpty)
            #expect(try await house.faults() == [])
            try await house.erase(mira, justification: "asked for")
            #expect(try names(home) == [])
        }
    }

    @Test("an episode that was altered is a fault, and a backup brings that one file back")
    func damaged() async throws {
        let home = try await TestHome()
        let backup = "\(home.directory.path)/backup"
        let mira = try await home.owned { house in
            let mira = try #require(try await TestHome.admit(["Mira"], in: house).first).id
            #expect(try await house.backUp(to: backup, keysUnder: nil).blobs == 2)
            // The package that the backup has is older than the one that counts now.
            _ = try await home.engine(house).run(mira, on: home.today)
            return mira
        }
        let file = path(home, mira, "e0.blob")
        var bytes = try readFile(file)
        bytes[bytes.count - 1] ^= 1
        try writeFile(file, bytes)
        try await home.owned { house in
            let faults = try await house.verifyVault(of: mira).faults
            #expect(faults.map(\.kind) == [.altered] && faults[0].path.hasSuffix(".e0.blob"))
            #expect(try await house.restoreBlobs(from: backup).blobs == 1)
            #expect(try await house.faults() == [])
        }
    }

    @Test("an admission that was cut off between episode and package leaves no fault and makes way")
    func interruptedAdmission() async throws {
        let home = try await TestHome()
        let cut = try await home.open(atStep: { step in
            if step == .vault(.blobDirectoryFlushed) { throw EngineError.storeMalformed }
        })
        await #expect(throws: EngineError.self) { try await TestHome.admit(["Mira"], in: cut) }
        await cut.close()
        #expect(try names(home) == ["e0.blob"])
        try await home.owned { house in
            #expect(try await house.faults() == [])
            try await TestHome.admit(["Mira"], in: house)
            #expect(try await house.faults() == [])
        }
    }

    /// A persona whose history is far longer than a package keeps.
    private static func old(_ name: String) throws -> ImportedPersona {
        let messages = (0..<1_200).map { number -> JSON in
            [
                "role": .string(number.isMultiple(of: 2) ? "user" : "assistant"),
                "content": .string("Night \(number): " + String(repeating: "the tide came in. ", count: 20)),
            ]
        }
        return try TestHome.persona([
            "name": .string(name), "system_prompt": "You keep the log.", "history": .array(messages),
        ])
    }

    @Test("an old resident's package stays small; what fits the budget is read back from the episodes, in order")
    func age() async throws {
        var settings = EngineSettings()
        settings.dailyTokens = 1_000_000
        let home = try await TestHome(settings: settings)
        try await home.owned { house in
            let admission = Admission(persona: try Self.old("Mira"), model: .rehearsal)
            let mira = try #require(try await house.admit([admission]).first).id
            let before = try #require(try await house.ledger.truth(of: mira)).episodes
            #expect(before.count > 3 && before.count < 10)
            let package = try await house.package(of: mira)
            #expect(package.history.count == 1_200)
            #expect(package.history.segments.reduce(0) { $0 + $1.count } < 300)
            let report = try await home.engine(house).run(mira, on: home.today)
            #expect(report.outcome == .done, "\(report)")
            let composed = try #require(try await house.spans(.contextComposed).last)
            #expect(composed.metadata["left_out"]?.integer == 0)
            #expect(composed.metadata["bytes"]?.integer ?? 0 > 400_000)
            let truth = try #require(try await house.ledger.truth(of: mira))
            #expect(truth.episodes.prefix(before.count) == before[...])
            #expect(try await house.faults() == [])
        }
    }

    @Test("a run whose history passes the bound seals an episode first; one that a cut left unnamed makes way")
    func moves() async throws {
        let home = try await TestHome()
        let mira = try await home.owned { house in
            let persona = try TestHome.persona([
                "name": "Mira", "system_prompt": "You keep the log.",
                // Just below the bound, in closed segments.
                "history": .array(
                    (0..<96).map { _ in ["role": "user", "content": .string(String(repeating: "x", count: 1_020))] }),
            ])
            return try #require(
                try await house.admit([Admission(persona: persona, model: .rehearsal)]).first
            ).id
        }
        #expect(try names(home) == ["0.blob", "e0.blob"])
        // The letter makes the history longer than it may be: the first file of the settling is the episode.
        let cut = try await home.open(atStep: { step in
            if step == .vault(.blobDirectoryFlushed) { throw EngineError.storeMalformed }
        })
        let resident = try #require(try await cut.residents()[mira])
        _ = try await cut.send(String(repeating: "A long letter. ", count: 200), to: resident, as: "Ana")
        let broken = try await home.engine(cut).run(mira, on: home.today)
        #expect(broken.outcome != .done)
        #expect(try names(home) == ["0.blob", "e0.blob", "e1.blob"])
        await cut.close()
        home.clock.advance(days: 1)
        try await home.owned { house in
            #expect(try await house.faults() == [])
            let report = try await home.engine(house).run(mira, on: home.today)
            #expect(report.outcome == .done, "\(report)")
            let truth = try #require(try await house.ledger.truth(of: mira))
            #expect(truth.episodes.count == 2)
            let package = try await house.package(of: mira)
            #expect(package.history.moved?.firstEpisode == 1)
            #expect(package.history.segments.reduce(0) { $0 + $1.textBytes } < 60_000)
            #expect(try await house.faults() == [])
            try await house.erase(mira, justification: "asked for")
            #expect(try names(home) == [])
        }
    }
}
