// A disk that fills while a run is at its commit: nothing is lost, nothing is half there, and it goes on with room.
import Community
import Encoding
import Engine
import Files
import Glibc
import Ledger
import Providers
import TestSupport
import Testing

/// A small file system in memory, mounted by root and taken away with the value.
private final class SmallDisk: Sendable {
    let path: String

    init(in directory: String, bytes: Int) throws {
        path = "\(directory)/disk"
        guard mkdir(path, 0o700) == 0, mount("none", path, "tmpfs", 0, "size=\(bytes)") == 0 else {
            throw FileError(operation: "mount", path: path, code: errno)
        }
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }

    /// Takes all the room there is.
    func fill() {
        let descriptor = open("\(path)/filler", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        for size in [4_096, 512, 64, 1] {
            let page = [UInt8](repeating: 1, count: size)
            while write(descriptor, page, size) == size {}
        }
        close(descriptor)
    }

    func empty() { unlink("\(path)/filler") }

    /// Whether this process may mount at all: root in a container often may not.
    static let isPossible: Bool = {
        guard getuid() == 0, let directory = try? TemporaryDirectory() else { return false }
        return (try? SmallDisk(in: directory.path, bytes: 65_536)) != nil
    }()
}

@Suite(.enabled(if: SmallDisk.isPossible, "needs root that may mount"))
struct FullDiskRunTests {
    @Test(
        "full before an answer is journaled, or before the commit: the run waits, and is done once", arguments: [0, 1])
    func full(_ request: Int) async throws {
        let directory = try TemporaryDirectory()
        let disk = try SmallDisk(in: directory.path, bytes: 8_388_608)
        let home = try await TestHome(below: disk.path)
        let model = try FakeModel { number, body in
            if number == request { disk.fill() }
            return FakeModel.round(of: body) == 0 ? .call("post_to_website", ["content": "Once."]) : .words("Done.")
        }
        let speaker = model.model
        let id = try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], model: speaker, in: house)[0].id
            let engine = try home.engine(house, providers: [model.settings()])
            let report = try await engine.run(id, on: home.today)
            #expect(report.outcome == .parked && report.reason == "disk_full", "\(report)")
            #expect(report.failure?.isIntegrityFailure != true)
            return id
        }
        disk.empty()
        try await home.owned { house in
            let engine = try home.engine(house, providers: [model.settings()])
            _ = try await engine.recover()
            let report = try await engine.run(id, on: home.today)
            #expect(report.outcome == .done && report.generation == 1, "\(report)")
            #expect(try await house.community.feed(limit: 5).count == 1)
            #expect(try await house.faults() == [])
        }
        // The answer that could not be kept was asked for again; the other was not.
        #expect(model.bodies.count == 3)
        await model.stop()
        withExtendedLifetime(disk) {}
    }
}
