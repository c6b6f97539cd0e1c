// The bytes that a request sends, shared by whoever holds the request, and let go of once they were sent.
internal import Synchronization

/// The body of a request; a client can let go of it while the answer is awaited, for all who hold the request.
public final class RequestBody: Sendable {
    private let state: Mutex<[UInt8]?>

    /// A body of these bytes.
    public init(_ bytes: [UInt8]) { state = Mutex(bytes) }

    /// The bytes; none where they were let go of.
    public var bytes: [UInt8] { state.withLock { $0 ?? [] } }

    /// Whether the bytes were let go of.
    public var isReleased: Bool { state.withLock { $0 == nil } }

    /// Lets go of the bytes.
    public func release() { state.withLock { $0 = nil } }

    /// How many bytes there are.
    var count: Int { state.withLock { $0?.count ?? 0 } }

    /// Copies bytes from a place on; nil where they were let go of.
    func copy(from place: Int, to target: UnsafeMutableRawBufferPointer) -> Int? {
        state.withLock { bytes in
            guard let bytes else { return nil }
            let count = min(target.count, bytes.count - place)
            guard count > 0 else { return 0 }
            bytes.withUnsafeBytes {
                target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[place..<place + count]))
            }
            return count
        }
    }
}
