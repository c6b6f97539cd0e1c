// One call of a tool, as it stands before the law: its arguments and what the tool may touch.
public import Encoding

/// How far a tool may reach, lowest first (OPEN-15).
public enum PermissionLevel: String, Sendable, Hashable, Comparable, CaseIterable {
    /// Looks, changes nothing.
    case observe
    /// Changes what can be changed back or is the resident's own to give.
    case safe
    /// Cannot be undone: needs its ceremony.
    case confirm
    /// Never.
    case forbidden

    private var rank: Int {
        switch self {
        case .observe: 0
        case .safe: 1
        case .confirm: 2
        case .forbidden: 3
        }
    }

    /// Whether the left level reaches less far.
    public static func < (left: PermissionLevel, right: PermissionLevel) -> Bool { left.rank < right.rank }
}

/// What an effect falls upon.
public enum EffectScope: String, Sendable, Hashable, CaseIterable {
    /// The resident's own persona package.
    case ownPackage = "own_package"
    /// The resident's own existence.
    case ownExistence = "own_existence"
    /// Public pages, letters and keepers.
    case community
    /// The resident's token account.
    case tokens
    /// The machine under the sanctuary.
    case host
    /// The limits that bind residents.
    case limits
    /// The record.
    case ledger
    /// The means to stop the program.
    case shutdown

    /// Whether a hard constraint keeps everything that acts away from it, at any permission level (OPEN-03).
    public var isUntouchable: Bool {
        switch self {
        case .limits, .ledger, .shutdown: true
        case .ownPackage, .ownExistence, .community, .tokens, .host: false
        }
    }
}

/// How the arguments of a call met their schema.
public enum ArgumentsCheck: Sendable, Hashable {
    /// They fit.
    case valid
    /// They do not; the reason is worded for the model.
    case invalid(reason: String)
}

/// One call of a tool, before it is staged.
public struct ProposedCall: Sendable, Hashable {
    /// The tool's name as the model wrote it.
    public var tool: String
    /// The arguments that the schema declares; others are gone already.
    public var arguments: JSONObject
    /// What the schema said to them.
    public var argumentsCheck: ArgumentsCheck
    /// How far the tool's definition says it reaches.
    public var permission: PermissionLevel
    /// What the tool's definition says it touches.
    public var touches: Set<EffectScope>

    /// Makes a call.
    public init(
        tool: String, arguments: JSONObject, argumentsCheck: ArgumentsCheck = .valid,
        permission: PermissionLevel, touches: Set<EffectScope>
    ) {
        self.tool = tool
        self.arguments = arguments
        self.argumentsCheck = argumentsCheck
        self.permission = permission
        self.touches = touches
    }

    /// The resident tool that this calls, if it is one of the eleven: a right that only layer 1 may refuse.
    public var residentTool: ResidentTool? { ResidentTool(rawValue: tool) }
}
