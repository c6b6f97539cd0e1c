// A system that is out of threads, descriptors or memory: the run waits and is done later, and nobody speaks of damage.
import Cryptography
import Engine
import Files
import Glibc
import Ledger
import Synchronization
import TestSupport
import Testing
import Vault

@Suite struct ShortageTests {
    private static let shortages: [EngineError] = [
        .vault(.workersUnavailable(code: EAGAIN)), .vault(.cryptography(.outOfMemory)),
        .vault(.file(FileError(operation: "open", path: "x", code: EMFILE))),
        .file(FileError(operation: "open", path: "x", code: ENFILE)),
        .file(FileError(operation: "read", path: "x", code: ENOMEM)),
        .ledger(.file(FileError(operation: "open", path: "x", code: EAGAIN))),
    ]

    @Test("after a paid reply it parks the run, which the next start takes up", arguments: shortages)
    func parks(_ shortage: EngineError) async throws {
        let home = try await TestHome()
        let isShort = Mutex(false)
        let model = try FakeModel { _, _ in
            isShort.withLock { $0 = true }
            return .words("Hello.")
        }
        let speaker = model.model
        let id = try await home.owned { house in try await TestHome.admit(["Mira"], model: speaker, in: house)[0].id }
        let short = try await home.open { step in
            let isNow = isShort.withLock { flag in
                defer { flag = false }
                return flag
            }
            if isNow, case .recordReady = step { throw shortage }
        }
        let report = try await home.engine(short, providers: [model.settings()]).run(id, on: home.today)
        #expect(report.outcome == .parked && report.reason == "system_shortage", "\(report)")
        #expect(report.failure?.isIntegrityFailure == false)
        await short.close()
        try await home.owned { house in
            let engine = try home.engine(house, providers: [model.settings()])
            isShort.withLock { $0 = false }
            #expect(try await engine.due(on: home.today).residents == [id])
            #expect(try await engine.run(id, on: home.today).outcome == .done)
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }

    @Test("before the claim it is parked in the report, and nothing is written", arguments: [EMFILE, ENOSPC])
    func beforeTheClaim(_ code: Int32) async throws {
        let home = try await TestHome()
        let model = try FakeModel(rounds: [.words("Hello.")])
        let speaker = model.model
        let id = try await home.owned { house in try await TestHome.admit(["Mira"], model: speaker, in: house)[0].id }
        let short = try await home.open { step in
            guard case .recordReady = step else { return }
            throw EngineError.file(FileError(operation: "write", path: "ledger.sqlite", code: code))
        }
        let report = try await home.engine(short, providers: [model.settings()]).run(id, on: home.today)
        #expect(report.outcome == .parked, "\(report)")
        #expect(report.reason == (code == ENOSPC ? "disk_full" : "system_shortage"))
        #expect(try await short.unfinishedRuns().isEmpty)
        await short.close()
        await model.stop()
    }
}
