// Keys and plaintext in memory that is locked, guarded, read-only where it is kept, and wiped when it goes.
internal import CSodium

/// Secret bytes in libsodium's guarded heap: locked, between guard pages, wiped on release, never copied by accident.
///
/// Being `~Copyable` makes copying, printing, encoding and collecting them compile errors. Lend them as `borrowing`
/// parameters; to keep them across tasks use ``SharedSecret``. One costs 8 KiB of memory and four mappings of the
/// 65,530 a process has, and about 7 µs unless a released block serves again: keep few.
public struct SecretBytes: ~Copyable, @unchecked Sendable {
    // Sendable: the memory is written only before the initialiser returns and freed only by the sole owner.
    //
    // Nobody but the owner knows the address, and the owner lends it for reading alone. What lives longer than one run
    // is made read-only as well: see `protected()`.
    private let base: UnsafeMutableRawPointer
    private let capacity: Int
    private let isReadOnly: Bool
    /// How many bytes there are.
    public let count: Int

    /// Takes `count` bytes of guarded memory and lets `filling` write every one of them.
    ///
    /// The memory holds arbitrary bytes before. Traps when no guarded memory is left.
    public init<E: Error>(
        count: Int, filling: (UnsafeMutableRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        try self.init(capacity: count) { buffer throws(E) in
            try filling(buffer)
            return count
        }
    }

    /// Takes room for `capacity` bytes; `filling` writes the first of them and returns how many it wrote.
    ///
    /// For content whose exact size is known only afterwards. Traps when no guarded memory is left.
    public init<E: Error>(
        capacity: Int, filling: (UnsafeMutableRawBufferPointer) throws(E) -> Int
    ) throws(E) {
        guard let block = Self.allocate(capacity) else { preconditionFailure("no guarded memory left") }
        try self.init(block: block, capacity: capacity, filling: filling)
    }

    /// As the public initialisers, but a size that may come from a file throws where no memory is left.
    init(
        allocating count: Int, filling: (UnsafeMutableRawBufferPointer) throws(CryptographyError) -> Void
    ) throws(CryptographyError) {
        guard let block = Self.allocate(count) else { throw .outOfMemory }
        try self.init(block: block, capacity: count) { buffer throws(CryptographyError) in
            try filling(buffer)
            return count
        }
    }

    private init<E: Error>(
        block: UnsafeMutableRawPointer, capacity: Int, filling: (UnsafeMutableRawBufferPointer) throws(E) -> Int
    ) throws(E) {
        let written: Int
        do throws(E) {
            written = try filling(UnsafeMutableRawBufferPointer(start: block, count: capacity))
        } catch {
            SecretHeap.release(block, count: capacity, isReadOnly: false)
            throw error
        }
        precondition((0...capacity).contains(written), "more bytes reported than there is room for")
        base = block
        self.capacity = capacity
        isReadOnly = false
        count = written
    }

    /// Takes over a block of the guarded heap of this capacity, the first bytes of which were written.
    init(base: UnsafeMutableRawPointer, capacity: Int, count: Int, isReadOnly: Bool = false) {
        self.base = base
        self.capacity = capacity
        self.count = count
        self.isReadOnly = isReadOnly
    }

    private static func allocate(_ count: Int) -> UnsafeMutableRawPointer? {
        precondition(count >= 0, "negative length")
        return SecretHeap.allocate(count)
    }

    deinit { SecretHeap.release(base, count: capacity, isReadOnly: isReadOnly) }

    /// Copies bytes that are elsewhere; the caller wipes the original.
    public init(copying bytes: RawSpan) {
        self.init(count: bytes.byteCount) { target in
            bytes.withUnsafeBytes { target.copyMemory(from: $0) }
        }
    }

    /// Copies an array; the caller wipes the original, see `wipe()`.
    public init(copying bytes: [UInt8]) {
        self.init(count: bytes.count) { target in target.copyBytes(from: bytes) }
    }

    /// Copies bytes behind a pointer; the caller wipes the original.
    public init(copying bytes: UnsafeRawBufferPointer) {
        self.init(count: bytes.count) { target in target.copyMemory(from: bytes) }
    }

    /// Lends the bytes as a span that cannot leave the closure.
    public borrowing func withBytes<R: ~Copyable, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try body(RawSpan(_unsafeStart: UnsafeRawPointer(base), byteCount: count))
    }

    /// Lends the bytes as a pointer that must not leave the closure.
    public borrowing func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: UnsafeRawPointer(base), count: count))
    }

    /// A second copy, with an owner of its own.
    public borrowing func clone() -> SecretBytes { copy(0..<count) }

    /// The first bytes, in the same memory, which stays whole until it is wiped; traps when there are fewer.
    public consuming func prefix(_ count: Int) -> SecretBytes {
        precondition((0...self.count).contains(count), "range outside the secret")
        let (base, capacity, isReadOnly) = (base, capacity, isReadOnly)
        // Its memory goes on in the value that is returned.
        discard self
        return SecretBytes(base: base, capacity: capacity, count: count, isReadOnly: isReadOnly)
    }

    /// The same bytes in the same memory, from now on read-only for the whole process.
    ///
    /// For what is kept: master and epoch keys, signing keys, keys of providers. It takes two changes of protection,
    /// each of which stops all threads of the process, so that what belongs to one run or operation goes without:
    /// nobody but its owner has its address, and it is soon gone.
    public consuming func protected() -> SecretBytes {
        guard !isReadOnly else { return self }
        let (base, capacity, count) = (base, capacity, count)
        discard self
        SecretHeap.protect(base, count: capacity)
        return SecretBytes(base: base, capacity: capacity, count: count, isReadOnly: true)
    }

    /// A copy of a part; traps when the range is not inside.
    public borrowing func copy(_ range: Range<Int>) -> SecretBytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the secret")
        return SecretBytes(copying: UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
    }

    /// Whether both hold the same bytes, in a time that depends on the length alone.
    public borrowing func constantTimeEquals(_ other: borrowing SecretBytes) -> Bool {
        count == other.count && sodium_memcmp(base, other.base, count) == 0
    }
}
