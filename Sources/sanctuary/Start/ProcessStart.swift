// What the process does about itself before anything else: memory, files, signals.
import Cryptography
import Glibc

/// The first steps, taken while there is one thread.
enum ProcessStart {
    /// Memory stays out of core dumps, new files are private, a closed pipe does not kill, many files may be open.
    static func prepare() throws(CryptographyError) {
        signal(SIGPIPE, SIG_IGN)
        umask(0o077)
        raiseFileLimit()
        try ProcessHardening.apply()
    }

    /// So many files are open at most beside the connections to providers.
    static let otherFiles = 256

    /// How many files may be open at once, and how many the system would allow.
    static var fileLimit: (now: UInt64, most: UInt64) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return (0, 0) }
        return (UInt64(limit.rlim_cur), UInt64(limit.rlim_max))
    }

    private static func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
