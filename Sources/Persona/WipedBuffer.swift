// A growing buffer for private text on its way into guarded memory: every block it leaves is wiped first.
internal import Cryptography
internal import Glibc

/// Bytes that grow; old blocks and the last one are overwritten before they go back to the allocator.
struct WipedBuffer: ~Copyable {
    private var block: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(capacity: Int) {
        block = UnsafeMutableRawBufferPointer.allocate(byteCount: max(64, capacity), alignment: 16)
    }

    deinit { Self.release(block, used: count) }

    mutating func append(_ byte: UInt8) {
        if count == block.count { grow(by: 1) }
        block[count] = byte
        count += 1
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if bytes.count > block.count - count { grow(by: bytes.count) }
        UnsafeMutableRawBufferPointer(rebasing: block[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Lends what was written.
    borrowing func withUnsafeBytes<R, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeRawBufferPointer(rebasing: block[..<count]))
    }

    /// A copy of what was written, in guarded memory.
    borrowing func secret() -> SecretBytes {
        SecretBytes(copying: UnsafeRawBufferPointer(rebasing: block[..<count]))
    }

    private mutating func grow(by extra: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(block.count * 2, count + extra), alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: block[..<count]))
        Self.release(block, used: count)
        block = larger
    }

    private static func release(_ block: UnsafeMutableRawBufferPointer, used: Int) {
        if let base = block.baseAddress { explicit_bzero(base, used) }
        block.deallocate()
    }
}
