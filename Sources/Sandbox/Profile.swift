// The arguments of bubblewrap and prlimit: the profile of every sandbox, and the descriptors that go with it.

/// What a child is started with, and our ends of its pipes.
struct Launch {
    let pipes: ProcessPipes
    private let arguments: [String]
    private let path: String
    private let descriptors: [Descriptor]

    /// Makes the pipes, the memory files and the arguments.
    init(_ program: SandboxProgram, paths: SandboxPaths, filter: [UInt8]) throws(SandboxError) {
        let input = try Descriptor.pipe()
        let output = try Descriptor.pipe()
        let errors = try Descriptor.pipe()
        let status = try Descriptor.pipe()
        var named = [input.read, output.write, errors.write, status.write]
        named.append(try Descriptor.memory(filter))
        var options = Self.fixed + ["--json-status-fd", "3", "--seccomp", "4"]
        if program.needsProc { options += ["--proc", "/proc"] }
        options += Self.scratch(program.limits)
        for file in program.files {
            let mode = file.isExecutable ? "0555" : "0444"
            options += ["--perms", mode, "--file", String(named.count), "/tool/\(file.name)"]
            named.append(try Descriptor.memory(file.bytes))
        }
        for folder in program.folders {
            options += ["--ro-bind-fd", String(named.count), folder]
            named.append(try Descriptor.folder(folder))
        }
        if let exchange = program.exchange {
            options += ["--bind-fd", String(named.count), "/exchange"]
            named.append(try Descriptor.folder(exchange))
        }
        options += ["--chdir", "/work", "--remount-ro", "/dev", "--remount-ro", "/"]
        let bytes: [UInt8] = options.flatMap { word -> [UInt8] in Array(word.utf8) + [0] }
        path = paths.bubblewrap
        arguments =
            ["bwrap", "--args", String(named.count), "--", paths.prlimit] + Self.inside(program.limits) + ["--"]
            + program.command
        named.append(try Descriptor.memory(bytes))
        descriptors = named
        pipes = ProcessPipes(input: input.write, output: output.read, errors: errors.read, status: status.read)
        for own in [pipes.input, pipes.output, pipes.errors, pipes.status] { try own.makeNonblocking() }
    }

    func request(group: ControlGroup?) -> SpawnRequest {
        SpawnRequest(path: path, arguments: arguments, descriptors: descriptors, group: group?.entrance)
    }

    /// Closes the child's ends here, once it has them.
    func letGo() { for descriptor in descriptors { descriptor.shut() } }

    fileprivate static let fixed = [
        "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session", "--as-pid-1",
        "--hostname", "sandbox", "--uid", "65534", "--gid", "65534", "--cap-drop", "ALL", "--clearenv",
        "--setenv", "PATH", "/usr/bin", "--setenv", "HOME", "/work", "--setenv", "LANG", "C.UTF-8",
        "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib",
        "--symlink", "usr/lib64", "/lib64", "--dev", "/dev",
    ]

    fileprivate static func scratch(_ limits: SandboxLimits) -> [String] {
        let bytes = String(limits.scratchMiB << 20)
        return [
            "--size", String(1 << 20), "--tmpfs", "/dev/shm", "--size", bytes, "--tmpfs", "/tmp", "--size", bytes,
            "--tmpfs", "/work",
        ]
    }

    fileprivate static func inside(_ limits: SandboxLimits) -> [String] {
        [
            "--nproc=\(limits.processes)", "--nofile=\(limits.openFiles)", "--fsize=\(limits.fileMiB << 20)",
            "--as=\(limits.memoryMiB << 20)", "--cpu=\(limits.cpuSeconds)", "--core=0", "--stack=\(8 << 20)",
        ]
    }
}

extension Sandbox {
    /// The command of bare bubblewrap with the profile of a program without files, for comparison in benchmarks.
    package static func bareCommand(
        _ program: SandboxProgram, paths: SandboxPaths = SandboxPaths(), filterDescriptor: Int
    ) -> [String] {
        [paths.bubblewrap] + Launch.fixed + ["--seccomp", String(filterDescriptor)] + Launch.scratch(program.limits)
            + ["--chdir", "/work", "--remount-ro", "/dev", "--remount-ro", "/", "--", paths.prlimit]
            + Launch.inside(program.limits) + ["--"] + program.command
    }

    /// The filter of system calls as the kernel takes it, for the same.
    package static func filterProgram() throws(SandboxError) -> [UInt8] {
        try SyscallFilter.program(allowsMemoryFiles: false)
    }
}

/// Our ends of a child's pipes.
struct ProcessPipes {
    let input: Descriptor
    let output: Descriptor
    let errors: Descriptor
    /// Where bubblewrap says how far it came.
    let status: Descriptor
}
