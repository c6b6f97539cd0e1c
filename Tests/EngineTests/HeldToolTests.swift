// A plugin's tool that must be confirmed: held at once, decided by an operator, made once in a later run.
import Encoding
import Engine
import Foundation
import Ledger
import Sandbox
import TestSupport
import Testing
import Tools

private let sandbox: Sandbox? = {
    guard let sandbox = try? Sandbox(time: .system) else { return nil }
    if case .none = sandbox.tier { return nil }
    return sandbox
}()

@Suite(.enabled(if: sandbox != nil, "needs bubblewrap and user namespaces"))
struct HeldToolTests {
    private func writeBell(_ home: TestHome) throws {
        let folder = "\(home.paths.tools)/bell"
        #expect(mkdir(folder, 0o700) == 0)
        let definition = """
            {"version": 1, "summary": "Rings.", "kind": "program", "command": ["/usr/bin/sh", "/tool/ring.sh"],
             "tools": [{"name": "ring", "description": "Rings.", "permission": "confirm", "effect": "once",
             "arguments": {"type": "object", "properties": {"times": {"type": "integer",
             "description": "How often.", "minimum": 1, "maximum": 9}}}}]}
            """
        try writeFile("\(folder)/tool.json", Array(definition.utf8))
        try writeFile("\(folder)/ring.sh", Array("echo '{\"text\": \"it rang\"}'\n".utf8))
    }

    @Test("no night waits; the approved call is made once, with its own arguments alone")
    func held() async throws {
        let home = try await TestHome()
        try writeBell(home)
        let model = try FakeModel(rounds: [
            .calls([(tool: "ring", arguments: ["times": 3]), (tool: "ring", arguments: ["times": 3])]),
            .words("I shall see."),
        ])
        try await home.owned { house in
            let plugin = try #require(house.plugins.plugins.first { $0.folder.definition.name == "bell" })
            try await house.acceptPlugin(plugin.folder)
        }
        let house = try await home.open(makeSandbox: { sandbox })
        let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
        let engine = try home.engine(house, providers: [model.settings()])
        let first = try await engine.run(id, on: home.today)
        #expect(first.outcome == .done && first.refused == 2 && first.toolCalls == 0)
        let waiting = try await house.heldCalls()
        #expect(waiting.count == 1, "the same call does not wait twice")
        #expect(waiting.first?.tool == "ring" && waiting.first?.arguments == ["times": 3])
        #expect(try await house.spans(.callHeld).count == 1)
        #expect(String(decoding: model.rawBodies.last ?? [], as: UTF8.self).contains("Held by constitution:1.0.0"))
        let call = try #require(waiting.first)
        #expect(try await house.decide(call, isApproved: true, justification: "Once is well."))
        home.clock.advance(days: 1)
        let second = try await engine.run(id, on: home.today)
        #expect(second.outcome == .done && second.toolCalls == 1 && second.refused == 1, "\(second)")
        #expect(try await house.spans(.toolEnded).count == 1)
        let states = try await house.heldCalls().map(\.state)
        #expect(states == [.used, .waiting], "the second call of the day waits again")
        #expect(try await house.faults() == [])
        await house.close()
        await model.stop()
    }
}
