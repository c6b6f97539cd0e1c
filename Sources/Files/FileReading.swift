// Whole files read into memory, never more than the caller allows.
internal import Glibc

extension Files {
    /// Reads a whole file; throws `EFBIG` when it holds more than `maximumBytes`.
    ///
    /// With `regularOnly` a pipe, socket or device is refused with `ENOTSUP` instead of being waited for. `memory` is
    /// an array whose content nobody needs; the file is read into it where it is large enough.
    public static func read(
        _ path: String, maximumBytes: Int, regularOnly: Bool = false, in memory: consuming [UInt8] = []
    ) throws(FileError) -> [UInt8] {
        let file = try FileDescriptor(path, regularOnly ? O_RDONLY | O_NONBLOCK : O_RDONLY)
        if regularOnly { try file.checkRegular() }
        let capacity = try capacity(for: file, path, maximumBytes: maximumBytes)
        var content = memory
        if content.count > capacity { content.removeLast(content.count - capacity) }
        if content.count < capacity {
            content.reserveCapacity(capacity)
            content.append(contentsOf: repeatElement(0, count: capacity - content.count))
        }
        var filled = 0
        while true {
            let count = try file.read(into: &content, from: filled)
            filled += count
            if count == 0 { break }
            guard filled <= maximumBytes else { throw FileError(operation: "read", path: path, code: EFBIG) }
            if filled == content.count {
                let more = min(max(filled, 65_536), maximumBytes + 1 - filled)
                content.append(contentsOf: repeatElement(0, count: more))
            }
        }
        content.removeLast(content.count - filled)
        return content
    }

    /// Lends a file's bytes to `body` and wipes the memory that held them, however `body` ends.
    ///
    /// The memory is locked against swapping where the system's limit allows. Throws `FileError`, `EFBIG` for a file
    /// larger than `maximumBytes`, or what `body` throws.
    public static func readSecret<R: ~Copyable>(
        _ path: String, maximumBytes: Int, into body: (UnsafeRawBufferPointer) throws -> R
    ) throws -> R {
        let buffer = SecretFileBuffer(count: maximumBytes + 1)
        let filled = try buffer.fill(from: path, maximumBytes: maximumBytes)
        return try body(UnsafeRawBufferPointer(rebasing: buffer.memory[..<filled]))
    }

    /// As `readSecret(_:maximumBytes:into:)`, with `failure` turning this room's error into the caller's.
    public static func readSecret<R: ~Copyable, Failure: Error>(
        _ path: String, maximumBytes: Int, failure: (FileError) -> Failure,
        into body: (UnsafeRawBufferPointer) throws(Failure) -> R
    ) throws(Failure) -> R {
        let buffer = SecretFileBuffer(count: maximumBytes + 1)
        let filled: Int
        do throws(FileError) {
            filled = try buffer.fill(from: path, maximumBytes: maximumBytes)
        } catch {
            throw failure(error)
        }
        return try body(UnsafeRawBufferPointer(rebasing: buffer.memory[..<filled]))
    }

    /// Room for the file as large as it says it is, and one byte to see its end; for pipes and the like, one block.
    private static func capacity(
        for file: borrowing FileDescriptor, _ path: String, maximumBytes: Int
    ) throws(FileError) -> Int {
        let status = try file.status()
        guard status.st_mode & S_IFMT != S_IFDIR else { throw FileError(operation: "read", path: path, code: EISDIR) }
        let size = Int(status.st_size)
        guard size <= maximumBytes else { throw FileError(operation: "read", path: path, code: EFBIG) }
        return size > 0 ? size + 1 : min(65_536, maximumBytes + 1)
    }
}

/// Memory for one secret file, locked if possible and wiped at its end.
private struct SecretFileBuffer: ~Copyable {
    let memory: UnsafeMutableRawBufferPointer

    init(count: Int) {
        memory = .allocate(byteCount: count, alignment: 16)
        if let base = memory.baseAddress { _ = mlock(base, count) }
    }

    deinit {
        if let base = memory.baseAddress {
            explicit_bzero(base, memory.count)
            munlock(base, memory.count)
        }
        memory.deallocate()
    }

    /// Reads the whole file; the buffer has one byte more than the file may.
    borrowing func fill(from path: String, maximumBytes: Int) throws(FileError) -> Int {
        let file = try FileDescriptor(path, O_RDONLY)
        var filled = 0
        while filled < memory.count {
            let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[filled...]))
            if count == 0 { return filled }
            filled += count
        }
        throw FileError(operation: "read", path: path, code: EFBIG)
    }
}
