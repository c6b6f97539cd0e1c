// The definitions of the resident tools, read from the bytes of their files.
import Encoding
public import Law
public import Providers

/// How often the effect of a tool may come about (engine.md, "Effect classes").
public enum EffectClass: String, Sendable, Hashable, CaseIterable {
    /// It has none: asking again is harmless.
    case pure
    /// It is held until the run's commit.
    case staged
    /// It acts at once, and twice is as once.
    case idempotent
    /// It acts at once, and must not act twice.
    case once
}

/// What one tool is.
public struct ToolDefinition: Sendable, Hashable {
    /// Which tool.
    public let tool: ResidentTool
    /// The version of the definition.
    public let version: Int
    /// What it does, for the model.
    public let description: String
    /// How often its effect may come about.
    public let effect: EffectClass
    /// How far it reaches.
    public let permission: PermissionLevel
    /// What it touches.
    public let touches: Set<EffectScope>
    /// Whether the ledger must not say in clear that it was called: its span's `this` is `sealed`.
    public let isNameSealed: Bool
    /// Its arguments.
    public let arguments: ArgumentSchema

    /// The tool as a model is offered it.
    public var declaration: ToolDeclaration {
        ToolDeclaration(name: tool.rawValue, description: description, inputSchema: arguments.declaration)
    }

    /// Reads the definition in a file; `file` is its name, for errors.
    public init(file: String, bytes: [UInt8]) throws(ToolsError) {
        do throws(DefinitionFault) {
            try self.init(bytes: bytes)
        } catch {
            switch error {
            case .malformed(let place): throw .malformedDefinition(file: file, where: place)
            case .unknownTool(let name): throw .unknownTool(file: file, name: name)
            }
        }
    }

    private static let limits = JSONLimits(maximumBytes: 65_536, maximumDepth: 16)
    private static let keys: Set<String> = [
        "name", "version", "description", "effect", "permission", "touches", "sealed", "arguments",
    ]

    private init(bytes: [UInt8]) throws(DefinitionFault) {
        guard let json = try? JSON.parse(bytes, limits: Self.limits) else { throw DefinitionFault.malformed("JSON") }
        let members = try definitionMembers(json, at: "definition", allowed: Self.keys)
        func text(_ key: String) throws(DefinitionFault) -> String {
            guard let text = members[key]?.string, !text.isEmpty else { throw DefinitionFault.malformed(key) }
            return text
        }
        let name = try text("name")
        guard let tool = ResidentTool(rawValue: name) else { throw DefinitionFault.unknownTool(name) }
        guard let version = members["version"]?.integer, version >= 1, version < 1_000_000 else {
            throw DefinitionFault.malformed("version")
        }
        guard let effect = EffectClass(rawValue: try text("effect")) else { throw DefinitionFault.malformed("effect") }
        guard let permission = PermissionLevel(rawValue: try text("permission")) else {
            throw DefinitionFault.malformed("permission")
        }
        guard let listed = members["touches"]?.array, !listed.isEmpty else {
            throw DefinitionFault.malformed("touches")
        }
        let touches = listed.compactMap { $0.string.flatMap(EffectScope.init(rawValue:)) }
        guard touches.count == listed.count else { throw DefinitionFault.malformed("touches") }
        var isNameSealed = false
        if let sealed = members["sealed"] {
            guard let value = sealed.bool else { throw DefinitionFault.malformed("sealed") }
            isNameSealed = value
        }
        // A definition file must not put the one act on the record that a resident may still take back.
        guard isNameSealed || tool != .selfDelete else { throw DefinitionFault.malformed("sealed") }
        self.tool = tool
        self.version = Int(version)
        description = try text("description")
        self.effect = effect
        self.permission = permission
        self.touches = Set(touches)
        self.isNameSealed = isNameSealed
        arguments = try ArgumentSchema(reading: members["arguments"] ?? .null, at: "arguments")
    }
}

/// All eleven definitions.
public struct ToolDefinitions: Sendable, Hashable {
    /// The definitions in the order of ``ResidentTool``, which is the order in which models are offered them.
    public let all: [ToolDefinition]

    /// Reads the definitions of all resident tools: exactly one file each, in any order (S4-112).
    public init(files: [(name: String, bytes: [UInt8])]) throws(ToolsError) {
        var found: [ResidentTool: ToolDefinition] = [:]
        for (name, bytes) in files {
            let definition = try ToolDefinition(file: name, bytes: bytes)
            guard found.updateValue(definition, forKey: definition.tool) == nil else {
                throw .duplicateTool(name: definition.tool.rawValue)
            }
        }
        let missing = ResidentTool.allCases.filter { found[$0] == nil }
        guard missing.isEmpty else { throw .missingTools(names: missing.map(\.rawValue)) }
        all = ResidentTool.allCases.compactMap { found[$0] }
    }

    /// The names of the files, as they lie in `tools/resident/`.
    public static let fileNames: [String] = ResidentTool.allCases.map { "\($0.rawValue).json" }

    /// The bytes whose hash pins a set of files: for each in the order of names, `name NUL length NUL bytes`.
    public static func pinnedBytes(of files: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        var pinned: [UInt8] = []
        for (name, bytes) in files.sorted(by: { $0.name < $1.name }) {
            pinned += Array("\(name)\0\(bytes.count)\0".utf8) + bytes
        }
        return pinned
    }

    /// The definition of a tool.
    public subscript(tool: ResidentTool) -> ToolDefinition? { all.first { $0.tool == tool } }
}
