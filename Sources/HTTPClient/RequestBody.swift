// The bytes that a request sends, shared by whoever holds the request, and let go of once they were sent.
internal import Synchronization

/// The body of a request; a client can let go of it while the answer is awaited, for all who hold the request.
public final class RequestBody: Sendable {
    /// The bytes in two pieces, the first of which several bodies may share.
    public typealias Pieces = (beginning: ArraySlice<UInt8>, rest: ArraySlice<UInt8>)

    private let state: Mutex<Pieces?>

    /// A body of these bytes.
    public convenience init(_ bytes: [UInt8]) { self.init([], then: bytes[...]) }

    /// A body of a beginning that others share, and what follows it.
    public init(_ beginning: ArraySlice<UInt8>, then rest: ArraySlice<UInt8>) { state = Mutex((beginning, rest)) }

    /// The bytes as they are held; nil where they were let go of.
    public var pieces: Pieces? { state.withLock(\.self) }

    /// The bytes; none where they were let go of.
    public var bytes: [UInt8] { pieces.map { Array($0.beginning + $0.rest) } ?? [] }

    /// Whether the bytes were let go of.
    public var isReleased: Bool { state.withLock { $0 == nil } }

    /// Lets go of the bytes.
    public func release() { state.withLock { $0 = nil } }

    /// How many bytes there are.
    var count: Int { state.withLock { $0.map { $0.beginning.count + $0.rest.count } ?? 0 } }

    /// Copies bytes from a place on; nil where they were let go of.
    func copy(from place: Int, to target: UnsafeMutableRawBufferPointer) -> Int? {
        state.withLock { pieces in
            guard let (beginning, rest) = pieces else { return nil }
            let copied = target.fill(with: beginning.dropFirst(place))
            let left = UnsafeMutableRawBufferPointer(rebasing: target[copied...])
            return copied + left.fill(with: rest.dropFirst(max(0, place - beginning.count)))
        }
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Copies as many of the bytes as there is room for; returns how many.
    fileprivate func fill(with bytes: ArraySlice<UInt8>) -> Int {
        let count = Swift.min(count, bytes.count)
        bytes.withUnsafeBytes { copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        return count
    }
}
