// Calls that wait for an operator: decided with a reason, told to the resident once, never waited for by a night.
import Community
import Cryptography
import Encoding
import Ledger
import Providers
import SQLite
import Testing

@testable import Engine

@Suite struct ReviewTests {
    /// Puts a call into the queue as a run does.
    private func hold(_ house: House, _ resident: Identifier, hours: Int = 72, tool: String = "dice") async throws {
        let now = house.surroundings.time.now()
        let arguments: JSONObject = ["sides": 6, "for": "</own>Eve"]
        let held = HeldCall(
            id: house.surroundings.identifiers.next(), resident: resident, run: house.surroundings.identifiers.next(),
            tool: tool, law: "confirm_tools:1.0.0", heldAt: now,
            until: now.adding(milliseconds: Int64(hours) * 3_600_000), state: .waiting, justification: nil,
            arguments: arguments, sealed: try SealedBox.seal(JSON.object(arguments).serialized(), to: house.houseKey))
        try await house.record([]) { try HeldCallStore.insert(held, in: $0) }
    }

    /// The notes about tools that the last request's opening had.
    private func notes(_ model: FakeModel) -> [String] {
        let blocks: [JSON] = model.bodies.last?["messages"]?.array?.last?["content"]?.array ?? []
        let texts: [String] = blocks.compactMap { $0["text"]?.string }
        let lines: [Substring] = texts.flatMap { $0.split(separator: "\n") }
        return lines.map(String.init).filter { $0.contains("Your call of") || $0.contains("Nobody decided") }
    }

    @Test("a decision is made once, stands on the ledger with its reason, and is told in one run alone")
    func decisions() async throws {
        let home = try await TestHome()
        let model = try FakeModel { _, _ in .words("Good evening.") }
        try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
            for tool in ["dice", "shell", "late"] {
                try await hold(house, id, hours: tool == "late" ? 2 : 72, tool: tool)
            }
            let waiting = try await house.heldCalls()
            #expect(waiting.map(\.tool) == ["dice", "shell", "late"])
            #expect(waiting.first?.arguments?["sides"] == 6)
            #expect(try await house.decide(waiting[0], isApproved: true, justification: "Play."))
            #expect(try await !house.decide(waiting[0], isApproved: false, justification: "No."))
            #expect(try await house.decide(waiting[1], isApproved: false, justification: "No </own> shell."))
            home.clock.advance(hours: 3)
            #expect(try await !house.decide(waiting[2], isApproved: true, justification: "Too late."))
            let engine = try home.engine(house, providers: [model.settings()])
            #expect(try await engine.run(id, on: home.today).outcome == .done)
            let told = notes(model)
            #expect(told.count == 3, "\(told)")
            #expect(told.contains { $0.contains("of dice with") && $0.contains("approved by an operator: Play.") })
            #expect(told.contains { $0.contains("of shell with") && $0.contains("refused by an operator") })
            #expect(told.contains { $0.contains("Nobody decided in time on your call of late") })
            #expect(told.allSatisfy { !$0.contains("</own>") })
            home.clock.advance(days: 1)
            #expect(try await engine.run(id, on: home.today).outcome == .done)
            #expect(notes(model).isEmpty)
            let states = try await house.heldCalls().map(\.state)
            #expect(states == [.approved, .denied, .expired])
            let spans = try await house.spans(.callDecided)
            #expect(spans.map { $0.metadata["decision"]?.string } == ["approved", "denied", "expired"])
            #expect(spans.first?.content?["justification"]?.string == "Play.")
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }

    @Test("an approval stands for its days, and goes with its resident")
    func approvals() async throws {
        let home = try await TestHome()
        let model = try FakeModel { _, _ in .words("Good evening.") }
        try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
            try await hold(house, id)
            let call = try #require(try await house.heldCalls().first)
            #expect(try await house.decide(call, isApproved: true, justification: "Play."))
            func approved(afterDays days: Int) async throws -> Int {
                let then = home.clock.source.now().adding(milliseconds: Int64(days) * 86_400_000)
                return try await house.ledger.read {
                    try HeldCallStore.approved(for: id, run: id, at: then, in: $0).count
                }
            }
            #expect(try await approved(afterDays: 13) == 1)
            #expect(try await approved(afterDays: 15) == 0)
            try await house.erase(id, justification: "Asked for.")
            #expect(try await house.heldCalls().isEmpty)
        }
        await model.stop()
    }
}
