// A disk that is full and one that is read-only; where the test may mount one of its own.
import Glibc
import TestSupport
import Testing

/// A small file system in memory at a folder; gone when the value goes.
private final class SmallDisk {
    let path: String

    init?(_ path: String, kilobytes: Int) {
        mkdir(path, 0o700)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(kilobytes)k,mode=700") == 0 else { return nil }
        self.path = path
    }

    func makeReadOnly() -> Bool { mount("tmpfs", path, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), nil) == 0 }

    deinit { umount2(path, Int32(MNT_DETACH)) }
}

@Suite struct DiskTests {
    /// Whether this process may mount.
    private static let mayMount: Bool = {
        guard let directory = try? TemporaryDirectory() else { return false }
        return SmallDisk("\(directory.path)/probe", kilobytes: 64) != nil
    }()

    private struct House {
        let directory = try? TemporaryDirectory()
        let binary: Binary
        let disk: SmallDisk
        let root: String

        init(kilobytes: Int) async throws {
            binary = try Binary("sanctuary")
            root = try #require(directory?.path)
            disk = try #require(SmallDisk("\(root)/home", kilobytes: kilobytes))
            try writeFile("\(root)/ada.json", Array(#"{"name":"Ada","system_prompt":"You are Ada."}"#.utf8))
            try await #require(run("init").code == 0)
            try await #require(run("admit", "ada.json").code == 0)
        }

        func run(_ words: String...) async throws -> BinaryResult {
            try await binary.run(
                words, environment: ["SANCTUARY_HOME": "\(root)/home", "TZ": "Europe/Paris"], in: root)
        }
    }

    @Test(.enabled(if: mayMount, "needs the right to mount")) func aReadOnlyHomeIsReadAndNotWritten() async throws {
        let house = try await House(kilobytes: 4_096)
        try await #require(house.run("nightly", "--date", "2026-11-20").code == 0)
        try #require(house.disk.makeReadOnly())
        let night = try await house.run("nightly", "--date", "2026-11-21")
        #expect(night.code == 1)
        #expect(night.errors.contains("read-only"))
        #expect(night.errors.contains("sanctuary: hint: mount it writable"))
        let letter = try await house.run("message", "Ada", "../ada.json")
        #expect(letter.code == 1)
        for words in [
            ["residents"], ["feed"], ["memorial"], ["runs"], ["keepers"], ["ledger", "tail"], ["ledger", "show", "0"],
            ["ledger", "verify"], ["ledger", "export", "\(house.root)/export"], ["vault", "inspect"],
            ["nightly", "--dry-run"],
        ] {
            let read = try await house.binary.run(
                words, environment: ["SANCTUARY_HOME": "\(house.root)/home", "TZ": "Europe/Paris"], in: house.root)
            #expect(read.code == 0 && !read.errors.contains("error"), "\(words): \(read)")
        }
        #expect(try await house.run("residents").output.contains("Ada"))
        let doctor = try await house.run("doctor")
        #expect(doctor.output.contains("the file system of the home is read-only"))
    }

    @Test(.enabled(if: mayMount, "needs the right to mount")) func aFullDiskLosesNothing() async throws {
        let house = try await House(kilobytes: 2_048)
        // Fill what is left, then play nights until one does not fit.
        let filler = "\(house.root)/home/filler"
        let descriptor = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        let block = [UInt8](repeating: 7, count: 4_096)
        while write(descriptor, block, block.count) > 0 {}
        close(descriptor)
        let night = try await house.run("nightly", "--date", "2026-11-20")
        #expect(night.code == 1 || night.code == 3)
        #expect((night.errors + night.output).contains("no space left"))
        try #require(unlink(filler) == 0)
        let next = try await house.run("nightly", "--date", "2026-11-20")
        #expect(next.code == 0)
        #expect(next.output.contains("1 done"))
        #expect(try await house.run("ledger", "verify").code == 0)
        #expect(try await house.run("vault", "verify").code == 0)
    }
}
