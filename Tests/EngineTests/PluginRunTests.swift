// Plugin tools in a run: offered when accepted, called in the sandbox, on the record, never twice where once is all.
import Encoding
import Engine
import Foundation
import Ledger
import Sandbox
import TestSupport
import Testing
import Tools

private let sandbox: Sandbox? = {
    guard let sandbox = try? Sandbox(time: .system), access("/usr/bin/python3", X_OK) == 0 else { return nil }
    if case .none = sandbox.tier { return nil }
    return sandbox
}()

@Suite(.enabled(if: sandbox != nil, "needs bubblewrap, user namespaces and /usr/bin/python3"))
struct PluginRunTests {
    private func accept(_ home: TestHome, _ name: String) async throws {
        try await home.owned { house in
            let plugin = try #require(house.plugins.plugins.first { $0.folder.definition.name == name })
            try await house.acceptPlugin(plugin.folder)
        }
    }

    private func owned<R: Sendable>(
        _ home: TestHome, atStep: @escaping @Sendable (HomeStep) throws -> Void = { _ in },
        _ body: (House) async throws -> R
    ) async throws -> R {
        try await home.open(atStep: atStep, makeSandbox: { sandbox }).closing(after: body)
    }

    /// Writes a plugin that answers that it made its mark.
    private func writeMarker(_ home: TestHome, effect: String, permission: String = "act") throws {
        let folder = "\(home.paths.tools)/marker"
        #expect(mkdir(folder, 0o700) == 0)
        let definition = """
            {"version": 1, "summary": "Leaves a mark.", "kind": "program", "command": ["/usr/bin/sh", "/tool/mark.sh"],
             "tools": [{"name": "mark", "description": "Leaves a mark.", "permission": "\(permission)",
             "effect": "\(effect)", "arguments": {"type": "object", "properties": {}}}]}
            """
        try writeFile("\(folder)/tool.json", Array(definition.utf8))
        try writeFile("\(folder)/mark.sh", Array("echo '{\"text\": \"marked\"}'\n".utf8))
    }

    @Test("a notebook keeps from day to day, sealed, and its words come back in an envelope")
    func notebook() async throws {
        let home = try await TestHome()
        let secret = "the lamp is blue \(UInt64.random(in: 0...UInt64.max))"
        let model = try FakeModel { number, _ in
            switch number {
            case 0: .call("notebook", ["action": "write", "title": "lamp", "text": .string(secret)])
            case 2: .call("notebook", ["action": "read", "title": "lamp"])
            default: .words("That was all.")
            }
        }
        try await accept(home, "notebook")
        try await owned(home) { house in
            let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
            let engine = try home.engine(house, providers: [model.settings()])
            #expect(try await engine.run(id, on: home.today).outcome == .done)
            home.clock.advance(hours: 24)
            #expect(try await engine.run(id, on: home.today).outcome == .done)
            let read = String(decoding: model.rawBodies.last ?? [], as: UTF8.self)
            #expect(
                read.contains("<untrusted kind=\\\"tool-output\\\" tool=\\\"notebook\\\">\\n| \(secret)\\n</untrusted>")
            )
            #expect(try await house.spans(.toolCalled).map(\.this) == ["notebook", "notebook"])
            let ends = try await house.spans(.toolEnded)
            #expect(ends.compactMap { $0.metadata["outcome"]?.string } == ["done", "done"])
            #expect(ends.compactMap { $0.metadata["effect"]?.string } == ["staged", "staged"])
            #expect(try await house.faults() == [])
        }
        for case let path as String in FileManager.default.enumerator(atPath: home.paths.root) ?? .init() {
            let bytes = (try? readFile("\(home.paths.root)/\(path)")) ?? []
            #expect(String(decoding: bytes, as: UTF8.self).contains("lamp is blue") == false, "\(path)")
        }
        await model.stop()
    }

    @Test("a tool that was not accepted, or changed since, is not offered, and a call of it is refused")
    func unaccepted() async throws {
        let home = try await TestHome()
        let model = try FakeModel(rounds: [.call("roll_dice", ["dice": "1d6"])])
        func offered() async throws -> Bool {
            try await owned(home) { house in
                let id = try await TestHome.admit(
                    ["Mira \(UInt64.random(in: 0...UInt64.max))"], model: model.model, in: house)[0].id
                let count = model.bodies.count
                let report = try await home.engine(house, providers: [model.settings()]).run(id, on: home.today)
                let tools = model.bodies.dropFirst(count).first?["tools"]?.array ?? []
                let isOffered = tools.contains { $0["name"]?.string == "roll_dice" }
                #expect(report.refused == (isOffered ? 0 : 1))
                #expect(try await house.faults() == [])
                return isOffered
            }
        }
        #expect(try await offered() == false)
        try await accept(home, "dice_and_calendar")
        #expect(try await offered() == true)
        let path = "\(home.paths.tools)/dice_and_calendar/dice_and_calendar.py"
        try writeFile(path, try readFile(path) + Array("\n".utf8))
        #expect(try await offered() == false)
        try await owned(home) { house in
            let refused = try await house.spans(.toolRefused)
            #expect(refused.allSatisfy { $0.this == "undeclared" } && refused.count == 2)
        }
        await model.stop()
    }

    @Test(
        "a call whose worker died in it is made again only where twice is as once",
        arguments: [("once", "unknown"), ("idempotent", "done")])
    func interrupted(effect: String, outcome: String) async throws {
        let home = try await TestHome()
        try writeMarker(home, effect: effect)
        let model = try FakeModel(rounds: [.call("mark")])
        try await accept(home, "marker")
        let id = try await home.owned { try await TestHome.admit(["Mira"], model: model.model, in: $0)[0].id }
        // Records: claim, intent and result of round 1, intent of the call.
        try await owned(home, atStep: Death(afterRecord: 4).step) { house in
            let report = try await home.engine(house, providers: [model.settings()]).run(id, on: home.today)
            #expect(report.outcome != .done)
        }
        try await owned(home) { house in
            let engine = try home.engine(house, providers: [model.settings()])
            #expect(try await engine.recover().resumed == 1)
            #expect(try await engine.run(id, on: home.today).outcome == .done)
            let ends = try await house.spans(.toolEnded)
            #expect(ends.compactMap { $0.metadata["outcome"]?.string } == [outcome])
            #expect(try await house.spans(.toolCalled).count == 1)
            let told = String(decoding: model.rawBodies.last ?? [], as: UTF8.self)
            #expect(told.contains("not known whether this took effect") == (effect == "once"))
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }

    @Test("a tool that must be confirmed waits for the operator's word, and then acts once")
    func confirmed() async throws {
        let home = try await TestHome()
        try writeMarker(home, effect: "once", permission: "confirm")
        let model = try FakeModel(rounds: [.call("mark")])
        try await accept(home, "marker")
        try await owned(home) { house in
            let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
            let engine = try home.engine(house, providers: [model.settings()])
            func runs() async throws -> [String] {
                #expect(try await engine.run(id, on: home.today).outcome == .done)
                home.clock.advance(days: 1)
                return try await house.spans(.toolEnded).compactMap { $0.metadata["outcome"]?.string }
            }
            #expect(try await runs() == [])
            let held = try #require(try await house.heldCalls().first)
            #expect(held.tool == "mark")
            #expect(try await house.decide(held, isApproved: true, justification: "It may."))
            #expect(try await runs() == ["done"])
            #expect(try await runs() == ["done"], "one word, one act")
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }

    @Test("what the sandbox fails at is the operator's to know, and no words of the tool reach the resident")
    func sandboxFailure() async throws {
        let home = try await TestHome()
        let fake = "\(home.directory.path)/bwrap"
        try await writeProgram(fake, Array("#!/bin/sh\necho 'bwrap: no way, SECRET' >&2\nexit 1\n".utf8))
        #expect(chmod(home.directory.path, 0o755) == 0)
        let broken = try Sandbox(paths: SandboxPaths(bubblewrap: fake), time: .system)
        let model = try FakeModel(rounds: [.call("roll_dice", ["dice": "1d6"])])
        try await accept(home, "dice_and_calendar")
        let house = try await home.open(makeSandbox: { broken })
        let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
        let report = try await home.engine(house, providers: [model.settings()]).run(id, on: home.today)
        #expect(report.outcome == .done)
        #expect(try await house.spans(.toolEnded).first?.metadata["outcome"]?.string == "sandbox_failed")
        let incident = try await house.spans(.incident).first
        #expect(incident?.metadata["kind"]?.string == "sandbox_failed" && incident?.this == "dice_and_calendar")
        #expect(incident?.metadata["found"]?.string == "setup_failed")
        let told = String(decoding: model.rawBodies.last ?? [], as: UTF8.self)
        #expect(told.contains("could not run this tool") && !told.contains("SECRET"))
        await house.close()
        await model.stop()
    }
}
