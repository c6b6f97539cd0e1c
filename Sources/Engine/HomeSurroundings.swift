// What a home takes from outside: time, randomness, identifiers and the program's own name.
public import Cryptography
public import Encoding

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

    /// Surroundings of these parts.
    public init(time: TimeSource, random: RandomSource, program: String) {
        self.time = time
        self.random = random
        self.program = program
        identifiers = IdentifierSource(time: time, random: random)
    }
}
