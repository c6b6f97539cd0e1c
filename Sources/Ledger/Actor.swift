// Who did what a span records.
public import Encoding

/// The author of a span, its `who`; people are identifiers, their names live in a table that can be deleted from.
public enum Actor: Sendable, Hashable {
    /// The node itself.
    case node
    /// The scheduler.
    case scheduler
    /// The engine of runs.
    case engine
    /// The law.
    case law
    /// A resident.
    case resident(Identifier)
    /// A human who runs the node.
    case `operator`(Identifier)
    /// Any other human.
    case human(Identifier)

    /// Reads the text of a `who`; nil for any other.
    public init?(_ text: String) {
        switch text {
        case "node": self = .node
        case "scheduler": self = .scheduler
        case "engine": self = .engine
        case "law": self = .law
        default:
            guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")),
                let id = Identifier(String(text[text.index(after: colon)...])), text.hasSuffix(id.description)
            else { return nil }
            switch text[..<colon] {
            case "resident": self = .resident(id)
            case "operator": self = .operator(id)
            case "human": self = .human(id)
            default: return nil
            }
        }
    }

    /// The text of the `who`.
    public var text: String {
        switch self {
        case .node: "node"
        case .scheduler: "scheduler"
        case .engine: "engine"
        case .law: "law"
        case .resident(let id): "resident:\(id)"
        case .operator(let id): "operator:\(id)"
        case .human(let id): "human:\(id)"
        }
    }
}
