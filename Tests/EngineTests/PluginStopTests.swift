// A plugin whose run is stopped, or fails behind it: its program ends, and what it may have done is never done twice.
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
struct PluginStopTests {
    private let unknown = "not known whether it took effect"

    /// Writes and accepts a plugin with one tool, `act`, that happens once.
    private func accept(_ home: TestHome, command: [String], permission: String) async throws {
        let folder = "\(home.paths.tools)/actor"
        #expect(mkdir(folder, 0o700) == 0)
        let definition: JSON = [
            "version": 1, "summary": "Acts.", "kind": "program", "command": .array(command.map { .string($0) }),
            "limits": ["wallSeconds": 600, "idleSeconds": 600],
            "tools": [
                [
                    "name": "act", "description": "Acts.", "permission": .string(permission), "effect": "once",
                    "arguments": ["type": "object", "properties": [:]],
                ]
            ],
        ]
        try writeFile("\(folder)/tool.json", definition.serialized())
        try await home.owned { house in
            let plugin = try #require(house.plugins.plugins.first { $0.folder.definition.name == "actor" })
            try await house.acceptPlugin(plugin.folder)
        }
    }

    /// The processes of this machine whose command line has a word.
    private func processes(with word: String) -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.count { number in
            let line = (try? readFile("/proc/\(number)/cmdline")) ?? []
            return line.split(separator: 0).contains { String(decoding: $0, as: UTF8.self) == word }
        }
    }

    @Test("a stop kills the sandbox, leaves the run queued, and the next start does not act again")
    func stops() async throws {
        let home = try await TestHome()
        let word = "86400.\(UInt64.random(in: 0...UInt64.max))"
        try await accept(home, command: ["/usr/bin/sleep", word], permission: "act")
        let model = try FakeModel(rounds: [.call("act"), .words("I see.")])
        let house = try await home.open(makeSandbox: { sandbox })
        let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
        let stop = StopSignal()
        let engine = try home.engine(house, providers: [model.settings()], stop: stop)
        let today = home.today
        let run = Task { try await engine.run(id, on: today) }
        while processes(with: word) == 0 { await Task.yield() }
        stop.request()
        let report = try await run.value
        #expect(report.outcome == .parked && report.reason == "interrupted")
        // Bubblewrap is dead by now; what it held is the kernel's to end, within a moment of a machine that has one.
        let end = ContinuousClock.now + .seconds(60)
        while processes(with: word) > 0, ContinuousClock.now < end { await Task.yield() }
        #expect(processes(with: word) == 0)
        let row = try #require(try await house.unfinishedRuns().first)
        #expect(row.state == .queued && row.deaths == 0)
        #expect(try await house.spans(.toolEnded).isEmpty)

        let next = try home.engine(house, providers: [model.settings()])
        #expect(try await next.run(id, on: home.today).outcome == .done)
        let ends = try await house.spans(.toolEnded)
        #expect(ends.compactMap { $0.metadata["outcome"]?.string } == ["unknown"])
        #expect(try await house.spans(.toolCalled).count == 1)
        let told = String(decoding: model.rawBodies.last ?? [], as: UTF8.self)
        #expect(told.contains("It is not known whether this took effect"))
        #expect(try await house.faults() == [])
        await house.close()
        await model.stop()
    }

    @Test("an approval is spent with the call: a run that fails behind it leaves it to no other")
    func approvalIsSpent() async throws {
        let home = try await TestHome()
        try await accept(home, command: ["/usr/bin/echo", #"{"text": "acted"}"#], permission: "confirm")
        // The day of the approval breaks behind the call; the day after asks for the same.
        let model = try FakeModel { number, _ in
            switch number {
            case 0, 2, 4: .call("act")
            case 3: .status(400)
            default: .words("I see.")
            }
        }
        let house = try await home.open(makeSandbox: { sandbox })
        let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
        let engine = try home.engine(house, providers: [model.settings()])
        #expect(try await engine.run(id, on: home.today).outcome == .done)
        let call = try #require(try await house.heldCalls().first)
        #expect(try await house.decide(call, isApproved: true, justification: "Once."))
        home.clock.advance(days: 1)
        #expect(try await engine.run(id, on: home.today).outcome == .failed)
        #expect(try await house.spans(.toolEnded).count == 1)
        #expect(try await house.heldCalls().map(\.state) == [.used])
        home.clock.advance(days: 1)
        let last = try await engine.run(id, on: home.today)
        #expect(last.outcome == .done && last.toolCalls == 0 && last.refused == 1)
        #expect(try await house.spans(.toolEnded).count == 1, "one word, one act")
        #expect(try await house.heldCalls().map(\.state) == [.used, .waiting])
        let told = String(decoding: model.rawBodies.last ?? [], as: UTF8.self)
        #expect(told.contains(unknown))
        #expect(try await house.faults() == [])
        await house.close()
        await model.stop()
    }

    @Test("a call that is held in the turn in which the house stops waits for the operator all the same")
    func heldWhileStopping() async throws {
        let home = try await TestHome()
        try await accept(home, command: ["/usr/bin/true"], permission: "confirm")
        let stop = StopSignal()
        let model = try FakeModel { number, _ in
            if number == 0 { stop.request() }
            return number == 0 ? .call("act") : .words("I see.")
        }
        let house = try await home.open(makeSandbox: { sandbox })
        let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
        let report = try await home.engine(house, providers: [model.settings()], stop: stop).run(id, on: home.today)
        #expect(report.reason == "interrupted")
        #expect(try await house.heldCalls().map(\.tool) == ["act"])
        let next = try await home.engine(house, providers: [model.settings()]).run(id, on: home.today)
        #expect(next.outcome == .done)
        #expect(try await house.heldCalls().count == 1)
        #expect(try await house.spans(.callHeld).count == 1)
        await house.close()
        await model.stop()
    }
}
