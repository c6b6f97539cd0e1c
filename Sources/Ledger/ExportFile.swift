// Writing an export's large file piece by piece, and flushing it.
internal import Files
internal import Glibc

/// A new file that is written from its beginning to its end; never over another.
struct ExportFile: ~Copyable {
    private let descriptor: Int32
    private let path: String
    private var buffer: [UInt8] = []
    private static let bufferSize = 1 << 20

    init(path: String) throws(FileError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw FileError(operation: "create", path: path, code: errno) }
    }

    deinit { close(descriptor) }

    mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferSize { try flushBuffer() }
    }

    mutating func write(_ byte: UInt8) { buffer.append(byte) }

    /// Writes what is left and makes the whole durable.
    mutating func finish() throws(FileError) {
        try flushBuffer()
        guard fsync(descriptor) == 0 else { throw FileError(operation: "flush", path: path, code: errno) }
    }

    private mutating func flushBuffer() throws(FileError) {
        var written = 0
        while written < buffer.count {
            let count = buffer[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileError(operation: "write", path: path, code: errno) }
            written += count
        }
        buffer.removeAll(keepingCapacity: true)
    }
}

/// Reads a file line by line without ever holding more than one line and a buffer.
struct LineReader: ~Copyable {
    private let descriptor: Int32
    private let path: String
    private let longest: Int
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    /// Opens a file whose lines have at most `longest` bytes; longer ones come cut off behind that many and one more.
    init(path: String, longest: Int) throws(FileError) {
        self.path = path
        self.longest = longest
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(operation: "open", path: path, code: errno) }
    }

    deinit { close(descriptor) }

    /// The next line without its line feed, and whether it had one; nil at the end.
    mutating func next() throws(FileError) -> (line: [UInt8], isTerminated: Bool)? {
        while true {
            if let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                return (Array(buffer[start..<end].prefix(longest + 1)), true)
            }
            if isAtEnd || buffer.count - start > longest {
                guard start < buffer.count else { return nil }
                defer { start = buffer.count }
                return (Array(buffer[start...].prefix(longest + 1)), false)
            }
            buffer.removeFirst(start)
            start = 0
            try fill()
        }
    }

    private mutating func fill() throws(FileError) {
        let old = buffer.count
        let room = 1 << 18
        buffer.append(contentsOf: repeatElement(0, count: room))
        let count = buffer.withUnsafeMutableBytes { bytes in
            var count = 0
            repeat {
                count = read(descriptor, bytes.baseAddress.map { $0 + old }, room)
            } while count < 0 && errno == EINTR
            return count
        }
        guard count >= 0 else { throw FileError(operation: "read", path: path, code: errno) }
        buffer.removeLast(room - count)
        isAtEnd = count == 0
    }
}
