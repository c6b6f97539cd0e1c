// A resident asks for a keeper, is accepted, and writes to them: the request is nothing before the acceptance.
import Community
import Encoding
import Engine
import Persona
import Providers
import TestSupport
import Testing

@Suite struct KeeperChoiceTests {
    @Test func aLetterToTheKeeperLeavesOnceTheRequestWasAccepted() async throws {
        let home = try await TestHome()
        try await home.owned { house in
            let ada = try await house.addKeeper("Ada")
            let prompt = """
                You look for company.
                rehearsal-script: call request_keeper {"id":"\(ada)"}
                rehearsal-script: next
                rehearsal-script: call send_message {"to":"keeper","content":"Hello, Ada."}
                rehearsal-script: next
                rehearsal-script: say Done.
                """
            let admitted = try await TestHome.admit(["Mira"], prompt: prompt, in: house)
            let engine = try home.engine(house)
            func run() async throws -> RunReport {
                let mira = try #require(try await house.residents()[admitted[0].id])
                return await engine.run(mira, trigger: .manual, day: home.today)
            }
            let first = try await run()
            #expect(first.outcome == .done, "\(first)")
            #expect(first.acts.contains("request_keeper"))
            #expect(try await house.letters(from: nil).isEmpty, "not before the keeper accepted")
            try await house.acceptRequest(of: admitted[0].id, by: ada)
            let relations = try await house.community.keeperRelations(of: admitted[0].id)
            #expect(relations.map(\.state) == [.accepted])
            let second = try await run()
            #expect(second.outcome == .done, "\(second)")
            let letters = try await house.letters(from: admitted[0].id).compactMap(\.opened)
            #expect(letters.map(\.letter.to) == [.human(ada)])
            #expect(letters.first?.letter.text.contains("Hello, Ada.") == true)
            await engine.router.shutdown()
        }
    }
}
