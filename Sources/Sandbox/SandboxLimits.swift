// How long a foreign program may run and how much it may use.

/// The limits of one program; the defaults fit a small script.
public struct SandboxLimits: Sendable, Hashable {
    /// Seconds from start to end.
    public var wallSeconds: Int
    /// Seconds without a byte of output.
    public var idleSeconds: Int
    /// Seconds of processor time of one process.
    public var cpuSeconds: Int
    /// Processes and threads at once.
    public var processes: Int
    /// Open files of one process.
    public var openFiles: Int
    /// Largest file that can be written, in MiB.
    public var fileMiB: Int
    /// Address space of one process, in MiB; 512 are too few for Node.
    public var memoryMiB: Int
    /// Each of `/tmp` and `/work`, in MiB.
    public var scratchMiB: Int

    /// Names the limits.
    public init(
        wallSeconds: Int = 60, idleSeconds: Int = 30, cpuSeconds: Int = 10, processes: Int = 32, openFiles: Int = 64,
        fileMiB: Int = 16, memoryMiB: Int = 512, scratchMiB: Int = 64
    ) {
        self.wallSeconds = wallSeconds
        self.idleSeconds = idleSeconds
        self.cpuSeconds = cpuSeconds
        self.processes = processes
        self.openFiles = openFiles
        self.fileMiB = fileMiB
        self.memoryMiB = memoryMiB
        self.scratchMiB = scratchMiB
    }

    /// The most bytes that are taken from each of the two output pipes.
    public static let outputBytes = 1 << 20
    /// The first and the last bytes of an output that are kept.
    public static let keptBytes = 64 << 10
    /// The most that all files of a program may have together.
    public static let programBytes = 16 << 20
    /// The most files that a program may consist of: each is a descriptor on its way into the sandbox.
    public static let programFiles = 48

    /// Each limit's name, value and range; `tool.json` uses the same names.
    public static let ranges: [(name: String, range: ClosedRange<Int>)] = [
        ("wallSeconds", 1...600), ("idleSeconds", 1...600), ("cpuSeconds", 1...600), ("processes", 1...256),
        ("openFiles", 16...1024), ("fileMiB", 1...256), ("memoryMiB", 32...8192), ("scratchMiB", 1...512),
    ]

    /// Reads and writes a limit by its name; nil and nothing for a name that there is not.
    public subscript(name: String) -> Int? {
        get { Self.path(name).map { self[keyPath: $0] } }
        set {
            guard let path = Self.path(name), let newValue else { return }
            self[keyPath: path] = newValue
        }
    }

    private static func path(_ name: String) -> WritableKeyPath<SandboxLimits, Int>? {
        switch name {
        case "wallSeconds": \.wallSeconds
        case "idleSeconds": \.idleSeconds
        case "cpuSeconds": \.cpuSeconds
        case "processes": \.processes
        case "openFiles": \.openFiles
        case "fileMiB": \.fileMiB
        case "memoryMiB": \.memoryMiB
        case "scratchMiB": \.scratchMiB
        default: nil
        }
    }

    func check() throws(SandboxError) {
        for (name, range) in Self.ranges where !range.contains(self[name] ?? 0) {
            throw .invalidProgram(.limit(name))
        }
    }
}
