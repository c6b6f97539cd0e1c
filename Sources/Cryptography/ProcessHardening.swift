// What a process does about itself before it touches a key.
internal import CSodium
internal import Glibc

/// Keeps the kernel from writing the process's memory to a file.
public enum ProcessHardening {
    /// Turns core dumps off and makes the process not dumpable nor traceable by its own user; call it first.
    public static func apply() throws(CryptographyError) {
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        guard setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0 else {
            throw .libraryFailure(operation: "setrlimit RLIMIT_CORE")
        }
        guard shim_set_dumpable(0) == 0 else { throw .libraryFailure(operation: "prctl PR_SET_DUMPABLE") }
    }

    /// Whether the process is not dumpable and core dumps are off, as the kernel says now.
    public static var isApplied: Bool {
        var limit = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0 && limit.rlim_cur == 0
            && limit.rlim_max == 0 && shim_get_dumpable() == 0
    }
}
