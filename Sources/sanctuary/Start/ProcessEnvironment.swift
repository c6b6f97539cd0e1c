// The environment variables that the program looks at, read once; never one that holds a secret.
import Glibc
import Scheduler

/// The named variables of the environment.
struct ProcessEnvironment: Sendable {
    /// What is read; secrets are taken elsewhere, into guarded memory.
    static let names = [
        "HOME", "XDG_DATA_HOME", "SANCTUARY_HOME", "SANCTUARY_DATA", "CREDENTIALS_DIRECTORY", "NO_COLOR", "TERM",
        "COLUMNS", "TZ", "TZDIR", "RUN_ON_START", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "JOURNAL_STREAM",
    ]

    private let values: [String: String]

    init(_ values: [String: String]) { self.values = values }

    /// The variables of this process.
    static func current() -> ProcessEnvironment {
        var values: [String: String] = [:]
        for name in names {
            if let value = getenv(name) { values[name] = String(cString: value) }
        }
        return ProcessEnvironment(values)
    }

    subscript(name: String) -> String? { values[name] }

    /// The value, unless it is empty.
    func nonEmpty(_ name: String) -> String? { self[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// The folder of time zone data: `$TZDIR` as for the system's own programs, else the system's.
    var zones: ZoneDirectory {
        guard let named = nonEmpty("TZDIR"), named.hasPrefix("/") else { return .system }
        return ZoneDirectory(path: named)
    }
}
