// Reading files of a folder in which others may have left anything: a tool's own, or what a program left behind.
internal import CPosix
internal import Glibc

/// A folder of the host that others write to.
public struct ForeignFolder: Sendable {
    private let folder: Descriptor

    /// Opens the folder; its last name must not be a symbolic link.
    public init(path: String) throws(SandboxError) { folder = try Descriptor.folder(path) }

    /// Reads a regular file of one name, of at most so many bytes.
    ///
    /// The name is resolved below the folder alone: no symbolic link, no `..`, no other file system, nothing that is
    /// swapped in meanwhile. A second hard link is refused as well: it may be another folder's file.
    public func read(_ name: String, maximumBytes: Int) throws(SandboxError) -> [UInt8] {
        guard SandboxProgram.isPlain(name) else { throw .fileRefused(name: name, .outside) }
        let raw = shim_open_beneath(folder.raw, name, O_RDONLY)
        guard raw >= 0 else {
            switch errno {
            case ENOENT: throw .fileRefused(name: name, .missing)
            case ELOOP, EXDEV, ENOTDIR: throw .fileRefused(name: name, .outside)
            case ENXIO: throw .fileRefused(name: name, .notRegular)
            default: throw .fileRefused(name: name, .unreadable)
            }
        }
        let file = Descriptor(owning: raw)
        var status = stat()
        guard fstat(raw, &status) == 0 else { throw .fileRefused(name: name, .unreadable) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else {
            throw .fileRefused(name: name, .notRegular)
        }
        guard status.st_size <= maximumBytes else { throw .fileRefused(name: name, .tooLarge) }
        return try Self.content(of: file, name: name, maximumBytes: maximumBytes)
    }

    /// All of it, though it may grow while it is read.
    private static func content(
        of file: Descriptor, name: String, maximumBytes: Int
    ) throws(SandboxError) -> [UInt8] {
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(file.raw, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .fileRefused(name: name, .unreadable) }
            if count == 0 { return content }
            guard content.count + count <= maximumBytes else { throw .fileRefused(name: name, .tooLarge) }
            content += buffer[..<count]
        }
    }
}
