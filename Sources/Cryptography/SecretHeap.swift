// Where secret buffers come from: libsodium's guarded heap, with a few small blocks kept for the next of their size.
internal import CSodium
internal import Synchronization

/// Blocks of the guarded heap; process-wide, as every heap is.
///
/// A guarded block costs about 16 calls that change the process's mappings, and these stop all its threads. Runs take
/// many short-lived keys of 32 bytes: a released block of a small size is wiped, stays locked between its guard
/// pages, and serves the next secret of exactly that size, for two such calls instead of 16.
enum SecretHeap {
    private static let largestKept = 128
    private static let keptPerSize = 32
    private static let kept = Mutex<[Int: [Block]]>([:])

    /// An address that moves between threads only while it is nobody's.
    private struct Block: @unchecked Sendable {
        let base: UnsafeMutableRawPointer
    }

    /// A writable block of exactly this size with arbitrary content; nil where no guarded memory is left.
    static func allocate(_ count: Int) -> UnsafeMutableRawPointer? {
        Sodium.start()
        if count <= largestKept, let block = kept.withLock({ $0[count]?.popLast() }) { return block.base }
        return sodium_malloc(count)
    }

    /// Wipes a block and gives it back.
    static func release(_ base: UnsafeMutableRawPointer, count: Int) {
        guard count <= largestKept, sodium_mprotect_readwrite(base) == 0 else { return sodium_free(base) }
        sodium_memzero(base, count)
        let block = Block(base: base)
        let isKept = kept.withLock { kept in
            guard kept[count, default: []].count < keptPerSize else { return false }
            kept[count, default: []].append(block)
            return true
        }
        if !isKept { sodium_free(base) }
    }
}
