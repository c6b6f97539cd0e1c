// BLAKE3 (hash, keyed hash, key derivation, extendable output) in Swift: no C library of it is packaged.

/// BLAKE3 in its three modes, one block at a time on one thread: about 1 GB/s.
public struct BLAKE3: Sendable {
    private static let blockSize = 64
    private static let chunkSize = 1024

    private let key: Words8
    private let flags: UInt32
    // The chunk that is being filled: what its whole blocks came to, and the block not yet compressed.
    private var chaining: Words8
    private var block = InlineArray<64, UInt8>(repeating: 0)
    private var blockCount = 0
    private var compressedBlocks = 0
    private var chunkIndex: UInt64 = 0
    // Chaining values of complete subtrees, the largest first; empty for input of one chunk.
    private var subtrees: [Words8] = []

    /// Starts a plain hash.
    public init() { self.init(key: .initial, flags: 0) }

    /// Starts a keyed hash; the key has 32 bytes, else this traps.
    public init(key: [UInt8]) {
        self.init(key: key.withUnsafeBytes { Self.words($0) }, flags: BLAKE3Flags.keyedHash)
    }

    /// Starts a key derivation; `context` is a constant of the program, unique to one purpose.
    public init(derivingKeyWithContext context: String) {
        var hasher = BLAKE3(key: .initial, flags: BLAKE3Flags.deriveKeyContext)
        hasher.update(Array(context.utf8))
        let key = hasher.finalize().withUnsafeBytes { Self.words($0) }
        self.init(key: key, flags: BLAKE3Flags.deriveKeyMaterial)
    }

    private init(key: Words8, flags: UInt32) {
        self.key = key
        self.flags = flags
        chaining = key
    }

    /// Adds bytes.
    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// Adds a span's bytes.
    public mutating func update(_ bytes: RawSpan) { bytes.withUnsafeBytes { update($0) } }

    /// Adds the bytes behind a pointer.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard var input = bytes.baseAddress else { return }
        var left = bytes.count
        while left > 0 {
            if blockCount == Self.blockSize {
                // Only now is it known that this block is not the last.
                withUnsafeBytes(of: block) { if let base = $0.baseAddress { compressBlock(base) } }
                blockCount = 0
            }
            if blockCount == 0 {
                let direct = compressBlocks(input, left)
                input += direct
                left -= direct
            }
            let taken = min(Self.blockSize - blockCount, left)
            withUnsafeMutableBytes(of: &block) { block in
                let target = UnsafeMutableRawBufferPointer(rebasing: block[blockCount..<blockCount + taken])
                target.copyMemory(from: UnsafeRawBufferPointer(start: input, count: taken))
            }
            blockCount += taken
            input += taken
            left -= taken
        }
    }

    /// The digest so far, `count` bytes of it (XOF beyond 32); more may be added afterwards.
    public func finalize(count: Int = 32) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
            finalize(into: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count))
            written = count
        }
    }

    /// Fills a buffer with the digest so far.
    public func finalize(into output: UnsafeMutableRawBufferPointer) {
        var node = lastChunk()
        for subtree in subtrees.reversed() {
            node = BLAKE3Node(
                chaining: key, block: Words16(subtree, node.chainingValue()), counter: 0, count: 64,
                flags: flags | BLAKE3Flags.parent)
        }
        node.root(into: output)
    }

    /// Clears what the hasher holds of a secret input.
    mutating func wipe() {
        withUnsafeMutableBytes(of: &block) { $0.wipe() }
        withUnsafeMutableBytes(of: &chaining) { $0.wipe() }
        subtrees.withUnsafeMutableBytes { $0.wipe() }
    }

    /// Compresses whole blocks straight from the input, all but what may be the last; returns the bytes used.
    private mutating func compressBlocks(_ input: UnsafeRawPointer, _ count: Int) -> Int {
        var offset = 0
        while count - offset > Self.blockSize {
            compressBlock(input + offset)
            offset += Self.blockSize
        }
        return offset
    }

    /// Compresses a block that is not the input's last.
    @inline(__always)
    private mutating func compressBlock(_ bytes: UnsafeRawPointer) {
        var flags = flags
        if compressedBlocks == 0 { flags |= BLAKE3Flags.chunkStart }
        let isLast = compressedBlocks == Self.chunkSize / Self.blockSize - 1
        if isLast { flags |= BLAKE3Flags.chunkEnd }
        let output = blake3Compress(
            chaining, Words16(loading: bytes), counter: chunkIndex, count: 64, flags: flags)
        if isLast {
            addChunk(output.low)
        } else {
            chaining = output.low
            compressedBlocks += 1
        }
    }

    /// Joins a finished chunk with the subtrees of its size before it, then starts the next chunk.
    private mutating func addChunk(_ value: Words8) {
        chunkIndex += 1
        var value = value
        var total = chunkIndex
        while total & 1 == 0, let left = subtrees.popLast() {
            let parent = BLAKE3Node(
                chaining: key, block: Words16(left, value), counter: 0, count: 64, flags: flags | BLAKE3Flags.parent)
            value = parent.chainingValue()
            total >>= 1
        }
        subtrees.append(value)
        chaining = key
        compressedBlocks = 0
    }

    /// The unfinished chunk as a node, its last block filled up with zeros.
    private func lastChunk() -> BLAKE3Node {
        var padded = InlineArray<64, UInt8>(repeating: 0)
        return withUnsafeMutableBytes(of: &padded) { padded in
            withUnsafeBytes(of: block) { block in
                padded.copyMemory(from: UnsafeRawBufferPointer(rebasing: block[..<blockCount]))
            }
            var flags = flags | BLAKE3Flags.chunkEnd
            if compressedBlocks == 0 { flags |= BLAKE3Flags.chunkStart }
            defer { padded.wipe() }
            return BLAKE3Node(
                chaining: chaining, block: Self.block(UnsafeRawBufferPointer(padded)), counter: chunkIndex,
                count: UInt32(blockCount), flags: flags)
        }
    }

    private static func words(_ bytes: UnsafeRawBufferPointer) -> Words8 {
        precondition(bytes.count == 32, "a BLAKE3 key has 32 bytes")
        func word(_ index: Int) -> UInt32 {
            UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
        }
        return Words8(
            w0: word(0), w1: word(1), w2: word(2), w3: word(3), w4: word(4), w5: word(5), w6: word(6), w7: word(7))
    }

    private static func block(_ bytes: UnsafeRawBufferPointer) -> Words16 {
        guard let base = bytes.baseAddress else { preconditionFailure("a block has 64 bytes") }
        return Words16(loading: base)
    }
}

/// One compression that may turn out to be the root of the tree.
private struct BLAKE3Node {
    let chaining: Words8
    let block: Words16
    let counter: UInt64
    let count: UInt32
    let flags: UInt32

    /// What the node contributes to its parent.
    @inline(never)
    func chainingValue() -> Words8 {
        blake3Compress(chaining, block, counter: counter, count: count, flags: flags).low
    }

    /// Fills a buffer as the root: 64 bytes a compression.
    func root(into output: UnsafeMutableRawBufferPointer) {
        var offset = 0
        var index: UInt64 = 0
        while offset < output.count {
            var words = rootWords(index)
            withUnsafeMutableBytes(of: &words) { bytes in
                let taken = min(bytes.count, output.count - offset)
                UnsafeMutableRawBufferPointer(rebasing: output[offset..<offset + taken])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<taken]))
                offset += taken
            }
            index += 1
        }
    }

    @inline(never)
    private func rootWords(_ index: UInt64) -> Words16 {
        blake3Compress(chaining, block, counter: index, count: count, flags: flags | BLAKE3Flags.root)
    }
}
