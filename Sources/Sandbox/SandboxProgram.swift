// What is run: a command, the files it consists of, the folders it may read, its limits.

/// A file of a program, as it will lie below `/tool` in the sandbox.
public struct SandboxFile: Sendable, Hashable {
    /// Its path below the program's folder, such as `lib/words.txt`.
    public var name: String
    /// Its bytes: those that were checked are those that run.
    public var bytes: [UInt8]
    /// Whether it may be executed.
    public var isExecutable: Bool

    /// Names a file.
    public init(name: String, bytes: [UInt8], isExecutable: Bool) {
        self.name = name
        self.bytes = bytes
        self.isExecutable = isExecutable
    }
}

/// A program that nobody here wrote.
public struct SandboxProgram: Sendable, Hashable {
    /// The program and its arguments; the first is an absolute path inside, such as `/tool/dice` or `/usr/bin/python3`.
    public var command: [String]
    /// What lies below `/tool`, read-only.
    public var files: [SandboxFile]
    /// Folders of the host that it may read, each at the same path inside.
    public var folders: [String]
    /// A folder of the host that it may write to, at `/exchange` inside.
    public var exchange: String?
    /// Whether it sees `/proc` of its own processes.
    public var needsProc: Bool
    /// How long and how much.
    public var limits: SandboxLimits

    /// Describes a program.
    public init(
        command: [String], files: [SandboxFile] = [], folders: [String] = [], exchange: String? = nil,
        needsProc: Bool = false, limits: SandboxLimits = SandboxLimits()
    ) {
        self.command = command
        self.files = files
        self.folders = folders
        self.exchange = exchange
        self.needsProc = needsProc
        self.limits = limits
    }

    /// Paths that the sandbox makes itself; no folder of the host may lie over, above or below them.
    static let ownPaths = ["/usr", "/bin", "/lib", "/lib64", "/dev", "/tmp", "/work", "/tool", "/exchange", "/proc"]

    /// Refuses what could be taken for an option, what C would cut short, and what is too large.
    public func check() throws(SandboxError) {
        // An absolute path never begins with the dash of an option.
        guard let first = command.first, first.hasPrefix("/") else { throw .invalidProgram(.command) }
        let words = command + folders + (exchange.map { [$0] } ?? [])
        guard command.count <= 64, words.allSatisfy({ $0.utf8.count <= 4096 && !$0.utf8.contains(0) }) else {
            throw .invalidProgram(.text)
        }
        var names: Set<String> = []
        for file in files {
            guard Self.isPlain(file.name), names.insert(file.name).inserted else {
                throw .invalidProgram(.fileName(file.name))
            }
        }
        guard files.count <= SandboxLimits.programFiles,
            files.reduce(0, { $0 + $1.bytes.count }) <= SandboxLimits.programBytes, folders.count <= 8
        else { throw .invalidProgram(.tooLarge) }
        for folder in folders {
            let isOwn = Self.ownPaths.contains { Self.overlap($0, folder) }
            guard Self.isPlainAbsolute(folder), !isOwn else { throw .invalidProgram(.folder(folder)) }
        }
        if let exchange, !Self.isPlainAbsolute(exchange) { throw .invalidProgram(.folder(exchange)) }
        try limits.check()
    }

    /// Whether it is a relative path of ordinary names.
    static func isPlain(_ name: String) -> Bool {
        guard !name.isEmpty, name.utf8.count <= 255, !name.utf8.contains(0) else { return false }
        return name.split(separator: "/", omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && !$0.hasPrefix("-") }
    }

    private static func isPlainAbsolute(_ path: String) -> Bool {
        path.hasPrefix("/") && path != "/"
            && path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
                .allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }

    private static func overlap(_ own: String, _ folder: String) -> Bool {
        own == folder || folder.hasPrefix("\(own)/") || own.hasPrefix("\(folder)/")
    }
}
