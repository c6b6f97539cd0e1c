// What a home takes from outside: time, randomness, identifiers, the program's own name, and a test's stop.
public import Cryptography
public import Encoding
import Ledger
import SQLite
public import Vault

/// A boundary at which a kill must leave the home recoverable; a test can stop at each.
public enum HomeStep: Sendable, Hashable {
    /// The vault passed one of its own.
    case vault(VaultStep)
    /// Spans and rows are made and not yet handed to the ledger.
    case recordReady
    /// They are durable.
    case recordDurable
}

/// Handed in by the command line, or held still by a test.
public struct HomeSurroundings: Sendable {
    /// The clock.
    public let time: TimeSource
    /// Where keys, salts and phrases come from.
    public let random: RandomSource
    /// Where ids of spans, runs and residents come from.
    public let identifiers: IdentifierSource
    /// The program and its version, as the ledger states it.
    public let program: String
    /// Called at each boundary; what it throws stops the work there, as a kill would.
    public let atStep: @Sendable (HomeStep) throws -> Void

    /// Surroundings of these parts.
    public init(
        time: TimeSource, random: RandomSource, program: String,
        atStep: @escaping @Sendable (HomeStep) throws -> Void = { _ in }
    ) {
        self.time = time
        self.random = random
        self.program = program
        self.atStep = atStep
        identifiers = IdentifierSource(time: time, random: random)
    }

    /// The same for a vault.
    var vault: VaultSurroundings {
        VaultSurroundings(
            random: random, time: time, nextIdentifier: { [identifiers] in identifiers.next() },
            afterStep: { [atStep] step in try atStep(.vault(step)) })
    }
}

extension House {
    /// Makes spans and what belongs to them durable in one transaction; every write of this room goes through here.
    @discardableResult
    func record(
        _ spans: [SpanDraft], effects: (@Sendable (Connection) throws -> Void)? = nil
    ) async throws -> [Span] {
        try surroundings.atStep(.recordReady)
        let written = try await ledger.append(spans, effects: effects)
        try surroundings.atStep(.recordDurable)
        return written
    }
}
