// The model-neutral conversation: what the engine composes and every dialect can carry.
public import Encoding

/// One request to a model, in no provider's form: instructions, turns, tools and limits.
public struct Conversation: Sendable, Equatable {
    /// The instructions in order, the preamble first.
    public var system: [SystemBlock] {
        get { text.system }
        set { text = ConversationText(system: newValue, turns: turns, written: text.written) }
    }
    /// What was said so far; consecutive turns of one role count as one.
    public var turns: [Turn] {
        get { Array(text.turns(from: 0)) }
        set { text = ConversationText(system: text.system, turns: newValue, written: text.written) }
    }
    /// The words, shared with copies that say the same.
    var text: ConversationText
    /// The tools the model may ask for; they stay declared when their use is not allowed, because calls refer to them.
    public var tools: [ToolDeclaration]
    /// The most tokens the reply may have; the router lowers it to what the model can do.
    public var maximumOutputTokens: Int
    /// Whether the model may ask for tools in this round; false is how a run is brought to its end.
    public var toolUseAllowed: Bool
    /// Whether the end of the tool list is a cache breakpoint of its own, for callers whose first block varies.
    public var cachesTools: Bool
    /// Whether another round is likely to follow, so that all that was said so far is worth a cache entry.
    public var carriesOn: Bool
    /// How many of the first turns stay as they are in every later request; 0 where nobody has said.
    public var openingTurns = 0
    /// What the instructions and those turns became in the last request.
    public var written: WrittenOpening? {
        get { text.written }
        set { text = ConversationText(system: text.system, turns: turns, written: newValue) }
    }
    /// The estimate of instructions, those turns and tools, where it was made before.
    public var openingTokens: Int?

    /// Puts a request together.
    public init(
        system: [SystemBlock], turns: [Turn], tools: [ToolDeclaration] = [], maximumOutputTokens: Int,
        toolUseAllowed: Bool = true, cachesTools: Bool = false, carriesOn: Bool = false
    ) {
        text = ConversationText(system: system, turns: turns)
        self.tools = tools
        self.maximumOutputTokens = maximumOutputTokens
        self.toolUseAllowed = toolUseAllowed
        self.cachesTools = cachesTools
        self.carriesOn = carriesOn
    }

    /// Goes on with a turn; those before it are not copied.
    public mutating func say(_ turn: Turn) { text = text.adding(turn) }

    /// Says that all turns so far are the opening, and remembers the estimate of what they cost.
    public mutating func closeOpening() {
        openingTurns = text.turns(from: 0).count
        openingTokens = nil
        openingTokens = TokenEstimate.inputTokens(of: self)
    }
}

/// A part of the instructions.
public struct SystemBlock: Sendable, Equatable {
    /// The text, sent byte for byte.
    public var text: String
    /// Whether the provider may cache everything up to and including this block.
    public var cacheBreakpoint: Bool

    /// Makes a block.
    public init(text: String, cacheBreakpoint: Bool = false) {
        self.text = text
        self.cacheBreakpoint = cacheBreakpoint
    }
}

/// What one side said.
public struct Turn: Sendable, Equatable {
    /// Who speaks.
    public enum Role: String, Sendable {
        /// The engine, for the house and the world.
        case user
        /// The model.
        case assistant
    }

    /// Who speaks.
    public var role: Role
    /// What is said, in order; dialects put tool results before the rest of a user turn.
    public let blocks: Blocks
    /// Which model said it, the only one that gets its opaque blocks back; nil: any does.
    public var model: ModelName?

    /// Makes a turn.
    public init(role: Role, blocks: [Block], model: ModelName? = nil) {
        self.role = role
        self.blocks = Blocks(blocks)
        self.model = model
    }

    /// Makes a turn of one piece, without an array for it.
    public init(role: Role, saying block: Block) {
        self.role = role
        blocks = Blocks(block)
        model = nil
    }
}

/// A piece of a turn.
public enum Block: Sendable, Equatable {
    /// Words.
    case text(String)
    /// Words as they stand in another JSON document.
    case quoted(JSONText)
    /// The model asks for a tool.
    case toolUse(ToolUse)
    /// The answer to a tool call of the turn before.
    case toolResult(id: String, content: String, isError: Bool)
    /// Something only its provider understands (thinking and the like), kept verbatim within one run.
    case opaque(JSON)
}

/// A tool call as the model made it, not yet checked against any schema or law.
public struct ToolUse: Sendable, Equatable {
    /// The provider's name for this call, unique within a reply.
    public var id: String
    /// The tool's name, which may be none that exists.
    public var name: String
    /// What it is called with.
    public var arguments: ToolArguments

    /// Makes a call.
    public init(id: String, name: String, arguments: ToolArguments) {
        self.id = id
        self.name = name
        self.arguments = arguments
    }
}

/// The arguments of a tool call: a JSON object, or what the model wrote instead of one.
public enum ToolArguments: Sendable, Equatable {
    /// A whole object.
    case object(JSONObject)
    /// Text that is no JSON object or was cut off; never executed, the model is told.
    case unparsable(String)

    /// Reads what a model wrote; empty text means no arguments (providers.md 1.1, 1.6).
    public init(parsing text: String) {
        let bytes = Array(text.utf8)
        guard bytes.contains(where: { !Self.blankBytes.contains($0) }) else {
            self = .object(JSONObject())
            return
        }
        if let value = try? JSON.parse(bytes), let object = value.object {
            self = .object(object)
        } else {
            self = .unparsable(text)
        }
    }

    /// The bytes that RFC 8259 allows between values.
    private static let blankBytes: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
}

/// A tool that is offered to a model.
public struct ToolDeclaration: Sendable, Equatable {
    /// The name the model calls it by.
    public let name: String
    /// What it does, for the model.
    public let description: String
    /// The JSON Schema of its arguments.
    public let inputSchema: JSON
    /// The schema as it is sent; written once, since every request carries it.
    let schema: [UInt8]
    /// The estimate of its tokens.
    let tokens: Int

    /// Makes a declaration.
    public init(name: String, description: String, inputSchema: JSON) {
        self.name = name
        self.description = description
        self.inputSchema = inputSchema
        schema = inputSchema.serialized()
        tokens =
            TokenEstimate.perTool + TokenEstimate.tokens(in: name) + TokenEstimate.tokens(in: description)
            + (TokenEstimate.bytes(of: inputSchema) + 2) / 3
    }
}
