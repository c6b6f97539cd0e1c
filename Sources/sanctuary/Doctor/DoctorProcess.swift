// What `doctor` finds about the process and the machine.
import Cryptography
import Files
import Glibc
import HTTPClient
import HTTPServer
import SQLite

extension Doctor {
    static func process(_ call: Invocation) -> [DoctorFinding] {
        [versions(), memory(), files(jobs: (try? call.settings().nightlyJobs) ?? 1), swap()]
    }

    private static func versions() -> DoctorFinding {
        .ok(
            "versions",
            "sanctuary \(Version.number), OpenSSL \(CryptographyLibraries.openSSL), "
                + "libsodium \(CryptographyLibraries.sodium), SQLite \(SQLiteLibrary.version), "
                + "libcurl \(HTTPClientLibrary.version), libmicrohttpd \(HTTPServerLibrary.version)")
    }

    private static func memory() -> DoctorFinding {
        ProcessHardening.isApplied
            ? .ok("memory", "no core dumps, not traceable by others")
            : .warning(
                "memory", "the system does not let the process keep its memory out of core dumps",
                mend: "look at 'ulimit -c'")
    }

    /// Each run at once may hold a connection, and a few files beside it.
    private static func files(jobs: Int) -> DoctorFinding {
        let limit = ProcessStart.fileLimit
        guard limit.now >= 2 * UInt64(jobs) + UInt64(ProcessStart.otherFiles) else {
            return .warning(
                "open files", "at most \(limit.now) at once, which is few for \(jobs) runs",
                mend: "raise the hard limit: 'ulimit -Hn'")
        }
        return .ok("open files", "at most \(limit.now) at once")
    }

    /// Swap that is not encrypted can hold private words after the program ended.
    private static func swap() -> DoctorFinding {
        guard let bytes = try? Files.read("/proc/swaps", maximumBytes: 1 << 16) else {
            return .warning("swap", "it is unknown whether there is any", mend: "look at 'swapon --show'")
        }
        let devices = String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst()
            .compactMap { $0.split(separator: " ").first.map(String.init) }
        let open = devices.filter { !isEncrypted($0) }
        guard !open.isEmpty else { return .ok("swap", devices.isEmpty ? "none" : "encrypted") }
        return .warning(
            "swap", "not encrypted: \(listed(open.map { shown($0) }))",
            mend: "encrypt it (cryptsetup) or turn it off ('swapoff -a'): private words can end up in it")
    }

    /// A device mapper volume of cryptsetup, or compressed memory.
    private static func isEncrypted(_ device: String) -> Bool {
        let name = device.split(separator: "/").last.map(String.init) ?? ""
        if name.hasPrefix("zram") { return true }
        guard let uuid = try? Files.read("/sys/block/\(name)/dm/uuid", maximumBytes: 256) else { return false }
        return String(decoding: uuid, as: UTF8.self).hasPrefix("CRYPT-")
    }
}
