// The sandbox's own failures: the operator's affair, never shown as a program's output.

/// Why the sandbox could not run a program, or cannot vouch for what it wrote.
public enum SandboxError: Error, Sendable, Hashable {
    /// The machine lacks what the sandbox is made of; nothing is ever run bare instead.
    case unavailable(SandboxLack)
    /// What was asked for is not a program the sandbox runs.
    case invalidProgram(InvalidProgram)
    /// The system gave no pipe, thread, memory file or process.
    case noResources(what: String)
    /// The child could not be started; `step` says where, `code` is `errno`.
    case spawnFailed(step: Int, code: Int32)
    /// bubblewrap could not make the sandbox; `diagnostic` is what it wrote, cleaned, one line.
    case setupFailed(diagnostic: String)
    /// bubblewrap itself was killed, by the system or by somebody else.
    case lost(signal: Int32)
    /// The filter of system calls could not be made; `call` is the first it failed at.
    case filterFailed(call: String)
    /// A control group could not be made or entered; `code` is `errno`.
    case groupFailed(code: Int32)
    /// A named folder of the host could not be opened; `code` is `errno`.
    case folderUnusable(path: String, code: Int32)
    /// A file of a folder that others write to is not one this house reads.
    case fileRefused(name: String, FileFault)
}

/// What a machine lacks.
public enum SandboxLack: String, Sendable, Hashable {
    /// bubblewrap is not installed.
    case bubblewrap
    /// prlimit is not installed.
    case prlimit
    /// The kernel lets this user make no user namespaces.
    case userNamespaces
}

/// What is wrong with a program that was asked for.
public enum InvalidProgram: Sendable, Hashable {
    /// The command is empty, or its first word is no absolute path.
    case command
    /// An argument, path or file name holds a NUL, or is too long.
    case text
    /// A file's name is not a plain relative path, or two have the same.
    case fileName(String)
    /// There are more files, or more bytes in them, than are allowed.
    case tooLarge
    /// A limit is outside what the sandbox grants.
    case limit(String)
    /// A folder's path is not absolute, or lies where the sandbox puts its own.
    case folder(String)
}

/// Why a file of a folder that others write to is not read.
public enum FileFault: String, Sendable, Hashable {
    /// There is none of that name.
    case missing
    /// The way to it leads through a link, out of the folder or to another file system.
    case outside
    /// It is a directory, a pipe, a socket or a device, or has more than one name.
    case notRegular
    /// It is larger than was allowed.
    case tooLarge
    /// The system would not open or read it.
    case unreadable
}
