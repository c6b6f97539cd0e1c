// What failed, on which path and with which errno; never what the file holds.
internal import Glibc

/// A file operation that the system refused.
public struct FileError: Error, Equatable, Sendable {
    /// The operation in one word, such as `open` or `write`.
    public let operation: String
    /// The path it was about.
    public let path: String
    /// The system's `errno`.
    public let code: Int32

    /// Names a failure.
    public init(operation: String, path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// Takes the code from `errno`; must come directly after the failed call.
    init(operation: String, path: String) {
        let code = errno
        self.init(operation: operation, path: path, code: code)
    }

    /// Whether the disk, the quota or the allowed file size is used up.
    public var isDiskFull: Bool { code == ENOSPC || code == EDQUOT }
    /// Whether the system is out of descriptors, memory or threads for now: nothing is wrong with the file.
    public var isShortage: Bool { [EMFILE, ENFILE, ENOMEM, EAGAIN, ENOBUFS].contains(code) }
    /// Whether the file system is mounted read-only.
    public var isReadOnly: Bool { code == EROFS }
    /// Whether the path, or a directory on the way to it, does not exist.
    public var isMissing: Bool { code == ENOENT || code == ENOTDIR }
    /// Whether the process may not do this.
    public var isPermission: Bool { code == EACCES || code == EPERM }
    /// Whether the name is taken already.
    public var isExisting: Bool { code == EEXIST }
    /// Whether what lies there is no regular file, where one was asked for.
    public var isIrregular: Bool { code == ENOTSUP || code == EISDIR }
    /// Whether a file passed the size that the caller set.
    public var isTooLarge: Bool { code == EFBIG }

    /// The system's words for the code, such as `No space left on device`.
    public var reason: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
