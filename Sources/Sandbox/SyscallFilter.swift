// The filter of system calls: an allow-list, everything else answered as if the kernel had no such call.
internal import CSeccomp
internal import Glibc

/// Makes the program that bubblewrap loads before the foreign program begins.
enum SyscallFilter {
    /// Bits of `clone` that make a namespace; on x86-64 and aarch64 the flags are argument 0 (clone(2)).
    private static let namespaceFlags: UInt64 = 0x7E02_0080
    /// What `ioctl` may be asked: of terminals only how they look, of descriptors the flags that fcntl has too.
    private static let ioctls: [UInt64] = [
        0x5401 /* TCGETS */, 0x5413 /* TIOCGWINSZ */, 0x540F /* TIOCGPGRP */, 0x541B /* FIONREAD */,
        0x5421 /* FIONBIO */, 0x5450 /* FIONCLEX */, 0x5451 /* FIOCLEX */,
    ]
    /// What `prctl` may be asked.
    ///
    /// PR_SET_PDEATHSIG is not among it: the program must die with the engine.
    private static let prctls: [UInt64] = [
        2 /* GET_PDEATHSIG */, 3 /* GET_DUMPABLE */, 4 /* SET_DUMPABLE */, 15 /* SET_NAME */, 16 /* GET_NAME */,
        21 /* GET_SECCOMP */, 23 /* CAPBSET_READ */, 30 /* GET_TIMERSLACK */, 38 /* SET_NO_NEW_PRIVS */,
        39 /* GET_NO_NEW_PRIVS */, 47 /* CAP_AMBIENT */, 0x53_564D_41 /* SET_VMA */,
    ]

    /// The program as the kernel takes it.
    ///
    /// `allowsMemoryFiles` lets `memfd_create` through, which only a control group bounds.
    static func program(allowsMemoryFiles: Bool) throws(SandboxError) -> [UInt8] {
        guard let filter = seccomp_init(shim_seccomp_errno(UInt16(ENOSYS))) else {
            throw .filterFailed(call: "seccomp_init")
        }
        defer { seccomp_release(filter) }
        // A call by another architecture's numbers (32-bit code on a 64-bit kernel, x32) kills the program.
        guard seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, shim_seccomp_kill()) == 0 else {
            throw .filterFailed(call: "architecture")
        }
        for name in SyscallNames.allowed + (allowsMemoryFiles ? ["memfd_create"] : []) {
            guard let call = number(name) else { continue }
            guard shim_seccomp_add(filter, shim_seccomp_allow(), call) == 0 else { throw .filterFailed(call: name) }
        }
        let low: UInt64 = 0xFFFF_FFFF
        try allow(filter, "clone", argument: 0, mask: namespaceFlags, values: [0])
        try allow(filter, "socket", argument: 0, mask: low, values: [UInt64(AF_UNIX)])
        try allow(filter, "socketpair", argument: 0, mask: low, values: [UInt64(AF_UNIX)])
        // The kernel looks at 32 bits alone: a filter on all 64 would let the same request through with others set.
        try allow(filter, "ioctl", argument: 1, mask: low, values: ioctls)
        try allow(filter, "prctl", argument: 0, mask: low, values: prctls)
        return try exported(filter)
    }

    private static func allow(
        _ filter: scmp_filter_ctx, _ name: String, argument: UInt32, mask: UInt64, values: [UInt64]
    ) throws(SandboxError) {
        guard let call = number(name) else { return }
        for value in values
        where shim_seccomp_add_masked(filter, shim_seccomp_allow(), call, argument, mask, value) != 0 {
            throw .filterFailed(call: name)
        }
    }

    private static func number(_ name: String) -> Int32? {
        let number = seccomp_syscall_resolve_name(name)
        return number >= 0 ? number : nil
    }

    private static func exported(_ filter: scmp_filter_ctx) throws(SandboxError) -> [UInt8] {
        let file = try Descriptor.memory([], sealed: false)
        guard seccomp_export_bpf(filter, file.raw) == 0 else { throw .filterFailed(call: "seccomp_export_bpf") }
        let size = Int(lseek(file.raw, 0, SEEK_END))
        guard size > 0 else { throw .filterFailed(call: "seccomp_export_bpf") }
        var bytes = [UInt8](repeating: 0, count: size)
        guard pread(file.raw, &bytes, size, 0) == size else { throw .filterFailed(call: "seccomp_export_bpf") }
        return bytes
    }
}
