// What a verification says when it is done.

/// The result of verifying a ledger or an export.
public struct VerificationReport: Sendable {
    /// What stays open without trust from outside.
    public enum Unanchored: String, Sendable, Hashable {
        /// The key is only what the export itself names.
        case key
        /// The end is only what the export itself names.
        case head
    }

    /// How many spans were checked.
    public let checked: Int
    /// The hash of the last span; nil where none could be read.
    public let head: [UInt8]?
    /// What was found wrong, in the order of finding; at most 1,000.
    public let faults: [Fault]
    /// How much was found wrong.
    public let faultCount: Int
    /// What was taken from the export itself.
    public let unanchored: Set<Unanchored>
    /// Whether sealed payloads were compared; false for an export without them.
    public let includesPayloads: Bool

    /// Whether nothing was found wrong.
    public var isSound: Bool { faultCount == 0 }

    init(
        verifier: ChainVerifier, unanchored: Set<Unanchored> = [], includesPayloads: Bool
    ) {
        checked = verifier.checked
        head = verifier.last?.hash
        faults = verifier.faults.faults
        faultCount = verifier.faults.count
        self.unanchored = unanchored
        self.includesPayloads = includesPayloads
    }
}
