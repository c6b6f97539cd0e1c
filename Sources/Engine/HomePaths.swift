// Where the parts of a home lie; interface.md is the contract.

/// The paths of one home directory.
public struct HomePaths: Sendable, Equatable {
    /// The home itself.
    public let root: String

    /// The paths of the home at `root`.
    public init(root: String) {
        var path = root
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        self.root = path
    }

    /// The settings, JSON5.
    public var settings: String { "\(root)/sanctuary.json" }
    /// Spans, projections and runs.
    public var ledger: String { "\(root)/ledger.sqlite" }
    /// Size, hash and signature of the ledger's end.
    public var head: String { "\(root)/ledger.head" }
    /// The sealed blobs.
    public var vault: String { "\(root)/vault" }
    /// The keys; never part of a backup unless asked for.
    public var keys: String { "\(root)/keys" }
    /// Mail and admissions that wait for the owner of the home.
    public var spool: String { "\(root)/spool" }
    /// The preambles and laws that init copied.
    public var preambles: String { "\(root)/preambles" }
    /// The constitutional preamble.
    public var preamble: String { "\(preambles)/constitution.txt" }
    /// The laws in text that init copied.
    public var laws: String { "\(preambles)/laws" }
    /// The tools' argument schemas that init copied.
    public var tools: String { "\(root)/tools" }
    /// The argument schemas of the resident tools.
    public var residentTools: String { "\(tools)/resident" }
}
