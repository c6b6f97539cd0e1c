// Makes version 7 identifiers that only ever rise, whatever the clock does (RFC 9562 sections 5.7 and 6.2, method 2).
public import Cryptography
internal import Synchronization

/// Makes UUIDv7s; each is greater than all that this source made before, even if the clock steps back.
///
/// The 74 bits after the time are random in a new millisecond; within one, or while the clock is behind, they grow by a
/// random step, so that one identifier does not tell the next. Should they run out, the time is taken one further.
public final class IdentifierSource: Sendable {
    private struct Last {
        var millisecond: UInt64 = 0
        /// The 12 bits beside the version.
        var upper: UInt64 = 0
        /// The 62 bits beside the variant.
        var lower: UInt64 = 0
        var any = false
        /// Random bytes for the identifiers to come.
        var drawn: ArraySlice<UInt8> = []
    }

    private static let upperMask: UInt64 = 1 << 12 - 1
    private static let lowerMask: UInt64 = 1 << 62 - 1
    private static let timeMask: UInt64 = 1 << 48 - 1

    private let time: TimeSource
    private let random: RandomSource
    private let last = Mutex(Last())

    /// Makes a source of a clock and of randomness.
    public init(time: TimeSource, random: RandomSource) {
        self.time = time
        self.random = random
    }

    /// Makes the next identifier; safe from any thread.
    public func next() -> Identifier {
        let now = UInt64(clamping: time.now().unixMilliseconds) & Self.timeMask
        return last.withLock { last in
            if !last.any || now > last.millisecond {
                restart(&last, at: now)
            } else {
                advance(&last)
            }
            return Identifier(
                high: last.millisecond << 16 | 0x7000 | last.upper, low: 1 << 63 | last.lower)
        }
    }

    private func restart(_ last: inout Last, at millisecond: UInt64) {
        let bytes = Array(draw(10, from: &last))
        last.any = true
        last.millisecond = millisecond
        last.upper = number(bytes[..<2]) & Self.upperMask
        last.lower = number(bytes[2...]) & Self.lowerMask
    }

    private func advance(_ last: inout Last) {
        last.lower += number(draw(4, from: &last)) + 1
        if last.lower > Self.lowerMask {
            last.lower &= Self.lowerMask
            last.upper += 1
        }
        if last.upper > Self.upperMask { restart(&last, at: last.millisecond + 1 & Self.timeMask) }
    }

    /// Random bytes, drawn for many identifiers at once: a call of the kernel for each costs more than all the rest.
    private func draw(_ count: Int, from last: inout Last) -> ArraySlice<UInt8> {
        if last.drawn.count < count { last.drawn = random.bytes(128)[...] }
        defer { last.drawn.removeFirst(count) }
        return last.drawn.prefix(count)
    }

    private func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}
