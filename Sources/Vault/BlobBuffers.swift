// Memory in which blobs are sealed, kept for the next one: taking it from the system costs more than encrypting.
internal import Synchronization

/// Arrays that held sealed blobs, which are not secret, for as many seals as go on at once.
final class BlobBuffers: Sendable {
    /// Larger ones go back to the system.
    private static let largest = 256 << 10

    private let resting = Mutex<[[UInt8]]>([])
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    /// An array of arbitrary content and size; an empty one where none rests.
    func take() -> [UInt8] { resting.withLock { $0.popLast() } ?? [] }

    /// Keeps an array that nobody reads any more.
    func giveBack(_ bytes: [UInt8]) {
        guard bytes.count <= Self.largest else { return }
        resting.withLock { if $0.count < capacity { $0.append(bytes) } }
    }
}
