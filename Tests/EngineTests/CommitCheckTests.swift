// What the commit looks at once more: two residents that want one name, and an inbox that fills up meanwhile.
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
import Vault

@Suite struct CommitCheckTests {
    /// A model whose first answers all wait until so many residents have asked: by then each was judged by itself.
    private func meeting(_ count: Int, _ first: Spoken) throws -> FakeModel {
        let met = Signal()
        let asked = Mutex(0)
        return try FakeModel { _, body in
            guard FakeModel.round(of: body) > 0 else { return first }
            let number = asked.withLock { asked in
                asked += 1
                return asked
            }
            if number == count { met.raise() }
            await met.wait()
            return .words("Done.")
        }
    }

    private func runAll(_ ids: [Identifier], _ engine: RunEngine, on day: CivilDate) async throws -> [RunReport] {
        let directory = try await engine.house.residents()
        return await withTaskGroup(of: RunReport.self) { group in
            for resident in ids.compactMap({ directory[$0] }) {
                group.addTask { await engine.run(resident, trigger: .nightly, day: day) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test("of two that take one name in the same night one has it; the other's day is kept, and it is told")
    func oneName() async throws {
        let home = try await TestHome()
        let model = try meeting(2, .call("modify_self", ["field": "name", "value": "Straße"]))
        try await home.owned { house in
            let ids = try await TestHome.admit(["Mira", "Tomas"], model: model.model, in: house).map(\.id)
            let engine = try home.engine(house, providers: [model.settings()])
            let reports = try await runAll(ids, engine, on: home.today)
            #expect(reports.allSatisfy { $0.outcome == .done }, "\(reports)")
            #expect(reports.map(\.refused).sorted() == [0, 1] && reports.map(\.toolCalls).sorted() == [0, 1])
            let names = try await house.residents().residents.map(\.name)
            #expect(names.count { $0 == "Straße" } == 1, "\(names)")
            let loser = try #require(try await house.residents().residents.first { $0.name != "Straße" })
            let package = try await house.package(of: loser.id)
            #expect(package.name == loser.name && package.notices.contains { $0.contains("took the name") })
            let refusals = try await house.spans(.toolRefused)
            #expect(refusals.map { $0.metadata["reason"]?.string } == ["name_taken"])
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }

    @Test("a letter to an inbox that filled up during the run waits for the next day, and its sender is told")
    func fullInbox() async throws {
        let home = try await TestHome()
        let recipient = Mutex("")
        let met = Signal()
        let model = try FakeModel { _, body in
            guard FakeModel.round(of: body) == 0 else {
                await met.wait()
                return .words("Done.")
            }
            let letter = JSON.object(["to": .string(recipient.withLock { $0 }), "content": "Hello."])
            return .calls([("send_message", letter), ("send_message", letter)])
        }
        try await home.owned { house in
            let ids = try await TestHome.admit(["Mira", "Iris"], model: model.model, in: house).map(\.id)
            recipient.withLock { $0 = ids[1].description }
            let iris = try #require(try await house.residents()[ids[1]])
            for number in 0..<198 { try await house.send("Letter \(number)", to: iris, as: "Person \(number / 20)") }
            let engine = try home.engine(house, providers: [model.settings()])
            let mira = try #require(try await house.residents()[ids[0]])
            async let report = engine.run(mira, trigger: .nightly, day: home.today)
            while model.bodies.count < 2 { await Task.yield() }
            try await house.send("The last but one.", to: iris, as: "Person 20")
            met.raise()
            #expect(await report.outcome == .done)
            let now = home.clock.source.now()
            #expect(try await house.community.inbox(of: iris.id, now: now).count == 200)
            let later = Instant(unixMilliseconds: now.unixMilliseconds + 86_400_000)
            #expect(try await house.community.inbox(of: iris.id, now: later, limit: 300).count == 201)
            #expect(try await house.package(of: mira.id).notices.contains { $0.contains("filled up") })
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }

    @Test("a name that a resident took while others were being admitted is refused, and leaves nothing behind")
    func admission() async throws {
        let home = try await TestHome()
        let model = try FakeModel(rounds: [.call("modify_self", ["field": "name", "value": "Nova"]), .words("Done.")])
        let isArmed = Mutex(false)
        let sealing = Signal()
        let renamed = DispatchSemaphore(value: 0)
        let house = try await home.open { step in
            // The newcomer's blob is sealed, its span not yet written: the first that comes here waits.
            guard case .vault(.blobDirectoryFlushed) = step else { return }
            let isNewcomer = isArmed.withLock { isArmed in
                defer { isArmed = false }
                return isArmed
            }
            guard isNewcomer else { return }
            sealing.raise()
            renamed.wait()
        }
        let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
        let mira = try #require(try await house.residents()[id])
        let engine = try home.engine(house, providers: [model.settings()])
        isArmed.withLock { $0 = true }
        async let admission = Result.catching { try await TestHome.admit(["NOVA"], model: model.model, in: house) }
        await sealing.wait()
        #expect(await engine.run(mira, trigger: .nightly, day: home.today).outcome == .done)
        renamed.signal()
        let admitted = await admission
        #expect(throws: EngineError.nameTaken("NOVA")) { try admitted.get() }
        #expect(try await house.residents().residents.map(\.name) == ["Nova"])
        #expect(try home.blobs().allSatisfy { $0.contains(id.hexDigits) })
        #expect(try await house.faults() == [])
        await house.close()
        await model.stop()
    }
}

extension Result where Success: Sendable, Failure == any Error {
    /// What an asynchronous body came to.
    fileprivate static func catching(_ body: () async throws -> Success) async -> Result {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}
