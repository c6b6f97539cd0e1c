// Where and why the text of a law was refused.

/// A place in a law's text, what should have stood there, and what did.
public struct LawFault: Sendable, Hashable, CustomStringConvertible {
    /// The line, from 1.
    public let line: Int
    /// The column in Unicode scalars, from 1.
    public let column: Int
    /// What should have stood there.
    public let expected: String
    /// What did.
    public let found: String

    /// Makes a fault.
    public init(line: Int, column: Int, expected: String, found: String) {
        (self.line, self.column, self.expected, self.found) = (line, column, expected, found)
    }

    /// The fault in one line.
    public var description: String { "line \(line), column \(column): expected \(expected), found \(found)" }
}
