// Where secret buffers come from: libsodium's guarded heap, with some blocks kept for the next of their size.
internal import CSodium
internal import Glibc
internal import Synchronization

/// Blocks of the guarded heap; process-wide, as every heap is.
///
/// A guarded block costs about 16 calls that change the process's mappings, and these stop all its threads. Runs take
/// many short-lived keys of 32 bytes and some packages of 100 KiB: a released block is wiped, stays locked between its
/// guard pages, and serves the next secret of about that size without any such call.
enum SecretHeap {
    /// Larger blocks go back to the system.
    static let largestKept = 256 << 10
    /// How many bytes are kept at most: what a hundred runs at once take and give back, or half of the memory that
    /// may be locked, which is scarce where the program does not run under its unit: 8 MiB as a rule.
    static let mostKept = mostKept(ofLockable: lockable)
    private static let page = 4_096
    /// What libsodium keeps before a block, to tell when something wrote there.
    private static let canary = 16

    private static let kept = Mutex(Kept())

    private struct Kept {
        var blocks: [Int: [Block]] = [:]
        var bytes = 0
    }

    /// An address that moves between threads only while it is nobody's.
    private struct Block: @unchecked Sendable {
        let base: UnsafeMutableRawPointer
    }

    /// Writable memory of this size with arbitrary content; nil where no guarded memory is left.
    ///
    /// It ends where its block does, so that whoever writes past it meets the guard page at once.
    static func allocate(_ count: Int) -> UnsafeMutableRawPointer? {
        Sodium.start()
        let capacity = capacity(for: count)
        let block = kept.withLock { kept -> Block? in
            guard let block = kept.blocks[capacity]?.popLast() else { return nil }
            kept.bytes -= capacity
            return block
        }
        let base = block?.base ?? sodium_malloc(capacity)
        return base.map { $0 + (capacity - count) }
    }

    /// Makes memory of this size readable alone.
    static func protect(_ start: UnsafeMutableRawPointer, count: Int) {
        let code = sodium_mprotect_readonly(base(of: start, count: count))
        precondition(code == 0, "guarded memory could not be made read-only")
    }

    /// Wipes memory of this size and gives its block back.
    static func release(_ start: UnsafeMutableRawPointer, count: Int, isReadOnly: Bool) {
        let capacity = capacity(for: count)
        let block = Block(base: base(of: start, count: count))
        guard capacity <= largestKept, !isReadOnly || sodium_mprotect_readwrite(block.base) == 0 else {
            return sodium_free(block.base)
        }
        sodium_memzero(start, count)
        let isKept = kept.withLock { kept in
            guard kept.bytes + capacity <= mostKept else { return false }
            kept.blocks[capacity, default: []].append(block)
            kept.bytes += capacity
            return true
        }
        if !isKept { sodium_free(block.base) }
    }

    /// Half of what may be locked, within 1 to 8 MiB.
    static func mostKept(ofLockable bytes: UInt64) -> Int {
        max(1 << 20, min(8 << 20, Int(clamping: bytes / 2)))
    }

    /// How many bytes a process without privileges may lock in memory.
    private static var lockable: UInt64 {
        var limit = rlimit()
        let code = getrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &limit)
        return code == 0 ? UInt64(limit.rlim_cur) : 0
    }

    private static func base(of start: UnsafeMutableRawPointer, count: Int) -> UnsafeMutableRawPointer {
        start - (capacity(for: count) - count)
    }

    /// The size of the block for so many bytes: whole pages, in steps of an eighth to a quarter.
    private static func capacity(for count: Int) -> Int {
        let pages = (count + canary + page - 1) / page
        let step = max(1, (1 << (Int.bitWidth - 1 - pages.leadingZeroBitCount)) / 4)
        return (pages + step - 1) / step * step * page - canary
    }
}
