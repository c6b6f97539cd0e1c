// The boundaries at which a kill must leave the vault recoverable, and what is handed in from outside.
public import Cryptography
public import Encoding

/// A point between two effects on the disk; a test can stop after each.
public enum VaultStep: String, Sendable, CaseIterable {
    /// An uncommitted blob of the same next generation was removed.
    case orphanRemoved
    /// The new blob's bytes were written to the spare, or to an unfinished file.
    case blobWritten
    /// That file was flushed.
    case blobFlushed
    /// It was renamed to its blob.
    case blobRenamed
    /// The blob's directory was flushed.
    case blobDirectoryFlushed
    /// The new epoch secret was written and flushed.
    case epochNextWritten
    /// The new master key was written and flushed (rotation alone).
    case masterNextWritten
    /// The next keyring was written and flushed.
    case keyringNextWritten
    /// The next keyring was read back and opened.
    case keyringNextChecked
    /// The next keyring became the keyring, and the directory was flushed.
    case keyringRenamed
    /// The old epoch secret was overwritten.
    case epochOverwritten
    /// The new epoch secret took its place.
    case epochRenamed
    /// The old master key was overwritten (rotation alone).
    case masterOverwritten
    /// The new master key took its place (rotation alone).
    case masterRenamed
    /// A generation below the committed one was swept away.
    case generationSwept
    /// A file of an erased resident was overwritten and removed.
    case fileErased
}

/// What the vault takes from outside: random bytes, the clock, ids, and a test's stop at each step.
public struct VaultSurroundings: Sendable {
    /// Where keys and salts come from.
    public let random: RandomSource
    /// The clock of the advisory creation times.
    public let time: TimeSource
    /// Where blob ids come from (UUIDv7).
    public let nextIdentifier: @Sendable () -> Identifier
    /// Called after each step; what it throws stops the work there, as a kill would.
    public let afterStep: @Sendable (VaultStep) throws -> Void
    /// The cost of a passphrase provider that is made.
    public let passphraseCost: PassphraseCost

    /// Surroundings of these parts.
    public init(
        random: RandomSource, time: TimeSource, nextIdentifier: @escaping @Sendable () -> Identifier,
        passphraseCost: PassphraseCost = .moderate,
        afterStep: @escaping @Sendable (VaultStep) throws -> Void = { _ in }
    ) {
        self.random = random
        self.time = time
        self.nextIdentifier = nextIdentifier
        self.passphraseCost = passphraseCost
        self.afterStep = afterStep
    }

    /// The error that a stop after this step gives; nil when the work goes on.
    func stop(after step: VaultStep) -> VaultError? {
        do {
            try afterStep(step)
            return nil
        } catch {
            return .interrupted(step)
        }
    }

    func passed(_ step: VaultStep) throws(VaultError) {
        if let stopped = stop(after: step) { throw stopped }
    }
}

/// What one guess at a passphrase costs (Argon2id, RFC 9106).
public struct PassphraseCost: Hashable, Sendable {
    /// Passes over the memory, 1 to 10.
    public let operations: UInt32
    /// Memory in KiB, 8 to 1,048,576.
    public let memoryKiB: UInt32

    /// A cost of these parts.
    public init(operations: UInt32, memoryKiB: UInt32) {
        self.operations = operations
        self.memoryKiB = memoryKiB
    }

    /// Three passes over 256 MiB, libsodium's "moderate".
    public static let moderate = PassphraseCost(operations: 3, memoryKiB: 262_144)
}
