// A run from admission to sweep, through the public face and the whole wire.
import Community
import Encoding
import Engine
import Ledger
import Persona
import Providers
import TestSupport
import Testing
import Vault

@Suite struct EngineTests {
    @Test func aRunSealsTheNextGenerationAndRecordsEveryStep() async throws {
        let home = try await TestHome()
        try await home.owned { house in
            let admitted = try await TestHome.admit(["Mira", "Tomas"], in: house)
            let engine = try home.engine(house)
            let directory = try await house.residents()
            let mira = try #require(directory[admitted[0].id])
            let report = await engine.run(mira, trigger: .nightly, day: home.today)
            #expect(report.outcome == .done, "\(report)")
            #expect(report.generation == 1)
            #expect(report.rounds >= 1)
            let verification = try await house.ledger.verify()
            #expect(verification.faults.isEmpty, "\(verification.faults)")
            let vault = try await house.verifyVault(of: nil)
            #expect(vault.faults.isEmpty)
            #expect(vault.checked == 4)
            await engine.router.shutdown()
        }
    }
}
