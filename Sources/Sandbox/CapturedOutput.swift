// The head and the tail of what a program wrote, and its text made safe to show to a model or on a terminal.
internal import Encoding

/// What a program wrote on one pipe: all of it, or its beginning and its end.
public struct CapturedOutput: Sendable, Hashable {
    /// The first bytes.
    public private(set) var head: [UInt8] = []
    /// The last bytes, where there were more than fit into the head.
    private var ring: [UInt8] = []
    private var next = 0
    /// How many bytes there were in all.
    public private(set) var total = 0

    init() {}

    /// Whether bytes between head and tail were dropped.
    public var isTruncated: Bool { total > 2 * SandboxLimits.keptBytes }

    /// The last bytes, in order.
    public var tail: [UInt8] {
        ring.count < SandboxLimits.keptBytes ? ring : Array(ring[next...] + ring[..<next])
    }

    /// All bytes; nil where some were dropped.
    public var whole: [UInt8]? { isTruncated ? nil : head + tail }

    mutating func append(_ bytes: ArraySlice<UInt8>) {
        total += bytes.count
        let first = min(bytes.count, SandboxLimits.keptBytes - head.count)
        head += bytes.prefix(first)
        for byte in bytes.dropFirst(first) {
            if ring.count < SandboxLimits.keptBytes {
                ring.append(byte)
            } else {
                ring[next] = byte
                next = (next + 1) % SandboxLimits.keptBytes
            }
        }
    }

    /// The text: invalid UTF-8 repaired, control characters and escape sequences removed, a cut said.
    public var text: String {
        guard isTruncated else { return Self.clean(head + tail) }
        let dropped = total - 2 * SandboxLimits.keptBytes
        return "\(Self.clean(head))\n[truncated: \(dropped) bytes in between are not shown]\n\(Self.clean(tail))"
    }

    /// The text that bytes stand for, safe to show.
    public static func clean(_ bytes: [UInt8]) -> String {
        TextSafety.forTerminal(String(decoding: bytes, as: UTF8.self))
    }
}
