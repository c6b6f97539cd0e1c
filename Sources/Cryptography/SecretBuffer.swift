// A growing buffer in guarded memory, for private text that is put together piece by piece.

/// Bytes in guarded memory that grow by appending; blocks that are left are wiped.
public struct SecretBuffer: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    /// How many bytes there are.
    public private(set) var count = 0

    /// An empty buffer with room for so many bytes; traps when no guarded memory is left, as all of it does.
    public init(capacity: Int) {
        self.capacity = max(64, capacity)
        base = Self.allocate(self.capacity)
    }

    deinit { SecretHeap.release(base, count: capacity, isReadOnly: false) }

    /// Adds one byte.
    public mutating func append(_ byte: UInt8) {
        if count == capacity { grow(by: 1) }
        base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    /// Adds bytes.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if bytes.count > capacity - count { grow(by: bytes.count) }
        UnsafeMutableRawBufferPointer(start: base + count, count: bytes.count).copyMemory(from: bytes)
        count += bytes.count
    }

    /// Adds the bytes of a literal.
    public mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Lends what was written.
    public borrowing func withUnsafeBytes<R, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// What was written, in the memory where it is.
    public consuming func secret() -> SecretBytes {
        let (base, capacity, count) = (base, capacity, count)
        discard self
        return SecretBytes(base: base, capacity: capacity, count: count)
    }

    private mutating func grow(by extra: Int) {
        let larger = max(capacity * 2, count + extra)
        let block = Self.allocate(larger)
        block.copyMemory(from: base, byteCount: count)
        SecretHeap.release(base, count: capacity, isReadOnly: false)
        (base, capacity) = (block, larger)
    }

    private static func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        guard let block = SecretHeap.allocate(count) else { preconditionFailure("no guarded memory left") }
        return block
    }
}
