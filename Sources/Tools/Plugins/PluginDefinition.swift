// What a plugin tool says of itself: the `tool.json` of its folder, read strictly.
internal import Encoding
public import Law
public import Providers
public import Sandbox

/// How a plugin is spoken with.
public enum PluginKind: String, Sendable, Hashable, CaseIterable {
    /// One JSON object on standard input, one on standard output.
    case program
    /// The Model Context Protocol over standard input and output.
    case mcp
}

/// One tool that a plugin offers.
public struct PluginTool: Sendable, Hashable {
    /// The name that models call it by.
    public let name: String
    /// The name that the plugin knows it by.
    public let ownName: String
    /// What it does, for the model.
    public let description: String
    /// How far it reaches.
    public let permission: PermissionLevel
    /// How often its effect may come about.
    public let effect: EffectClass
    /// Its arguments.
    public let arguments: ArgumentSchema

    /// The tool as a model is offered it.
    public var declaration: ToolDeclaration {
        ToolDeclaration(name: name, description: description, inputSchema: arguments.declaration)
    }
}

/// What a plugin says of itself.
public struct PluginDefinition: Sendable, Hashable {
    /// The name of its folder.
    public let name: String
    /// The version that its author gave it.
    public let version: Int
    /// What it is, for operators.
    public let summary: String
    /// How it is spoken with.
    public let kind: PluginKind
    /// The program and its fixed arguments, as they are inside the sandbox.
    public let command: [String]
    /// The tools that it offers.
    public let tools: [PluginTool]
    /// Its limits.
    public let limits: SandboxLimits
    /// Whether it sees `/proc`.
    public let needsProc: Bool
    /// Folders of the host that it may read.
    public let folders: [String]
    /// The folder of the host that it may write to.
    public let exchange: String?
    /// Whether each resident's own text is kept for it, sealed in the resident's package.
    public let keeps: Bool

    /// What a call of it touches beyond itself.
    public var touches: Set<EffectScope> {
        var touched: Set<EffectScope> = []
        if keeps { touched.insert(.ownPackage) }
        if exchange != nil { touched.insert(.host) }
        return touched
    }

    /// The name of the file that says all this.
    public static let fileName = "tool.json"

    /// Reads the definition of the plugin in a folder of this name.
    public init(folder: String, bytes: [UInt8]) throws(ToolsError) {
        do throws(DefinitionFault) {
            try self.init(reading: bytes, folder: folder)
        } catch {
            switch error {
            case .malformed(let place): throw .malformedDefinition(file: "\(folder)/\(Self.fileName)", where: place)
            case .unknownTool(let name): throw .unknownTool(file: "\(folder)/\(Self.fileName)", name: name)
            }
        }
    }

    /// Whether a folder or tool may have this name: what every provider takes, and none of the resident tools has.
    public static func isName(_ name: String) -> Bool {
        let bytes = name.utf8
        guard (2...48).contains(bytes.count), let first = bytes.first, (0x61...0x7A).contains(first) else {
            return false
        }
        return bytes.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
            && ResidentTool(rawValue: name) == nil && name != "resident"
    }
}

extension PluginDefinition {
    private static let keys: Set<String> = [
        "version", "summary", "kind", "command", "tools", "limits", "proc", "folders", "exchange", "keeps",
    ]
    private static let bounds = JSONLimits(maximumBytes: 131_072, maximumDepth: 16)
    /// The most tools that one plugin may offer.
    static let mostTools = 32

    private init(reading bytes: [UInt8], folder: String) throws(DefinitionFault) {
        guard Self.isName(folder) else { throw DefinitionFault.malformed("folder name") }
        guard let json = try? JSON.parse(bytes, limits: Self.bounds) else { throw DefinitionFault.malformed("JSON") }
        let members = try definitionMembers(json, at: "definition", allowed: Self.keys)
        name = folder
        guard let version = members["version"]?.integer, (1..<1_000_000).contains(version) else {
            throw DefinitionFault.malformed("version")
        }
        self.version = Int(version)
        summary = try Self.line(members["summary"], "summary", 500)
        guard let kind = members["kind"]?.string.flatMap(PluginKind.init(rawValue:)) else {
            throw DefinitionFault.malformed("kind")
        }
        self.kind = kind
        command = try Self.texts(members["command"], "command")
        folders = try members["folders"].map { value throws(DefinitionFault) in try Self.texts(value, "folders") } ?? []
        exchange = try members["exchange"].map { value throws(DefinitionFault) in
            try Self.line(value, "exchange", 4096)
        }
        needsProc = try Self.flag(members["proc"], "proc")
        keeps = try Self.flag(members["keeps"], "keeps")
        guard !keeps || kind == .program else { throw DefinitionFault.malformed("keeps") }
        limits = try Self.limits(members["limits"])
        guard let listed = members["tools"]?.array, (1...Self.mostTools).contains(listed.count) else {
            throw DefinitionFault.malformed("tools")
        }
        var read: [PluginTool] = []
        for (index, tool) in listed.enumerated() {
            read.append(try PluginTool(reading: tool, keeps: keeps, at: "tools[\(index)]"))
        }
        guard Set(read.map(\.name)).count == read.count else { throw DefinitionFault.malformed("tools") }
        tools = read
        do throws(SandboxError) {
            try SandboxProgram(command: command, folders: folders, exchange: exchange, limits: limits).check()
        } catch {
            throw DefinitionFault.malformed(error.definitionPlace)
        }
    }

    private static func flag(_ json: JSON?, _ place: String) throws(DefinitionFault) -> Bool {
        guard let json else { return false }
        guard let flag = json.bool else { throw DefinitionFault.malformed(place) }
        return flag
    }

    private static func texts(_ json: JSON?, _ place: String) throws(DefinitionFault) -> [String] {
        guard let listed = json?.array, !listed.isEmpty else { throw DefinitionFault.malformed(place) }
        let texts = listed.compactMap(\.string)
        guard texts.count == listed.count else { throw DefinitionFault.malformed(place) }
        return texts
    }

    fileprivate static func line(_ json: JSON?, _ place: String, _ most: Int) throws(DefinitionFault) -> String {
        guard let text = json?.string, !text.isEmpty, text.unicodeScalars.count <= most,
            TextSafety.forTerminal(text) == text
        else { throw DefinitionFault.malformed(place) }
        return text
    }

    private static func limits(_ json: JSON?) throws(DefinitionFault) -> SandboxLimits {
        var limits = SandboxLimits()
        guard let json else { return limits }
        let names = Set(SandboxLimits.ranges.map(\.name))
        for (name, value) in try definitionMembers(json, at: "limits", allowed: names) {
            guard let number = value.integer, let range = SandboxLimits.ranges.first(where: { $0.name == name })?.range,
                range.contains(Int(clamping: number))
            else { throw DefinitionFault.malformed("limits.\(name)") }
            limits[name] = Int(number)
        }
        return limits
    }
}

extension PluginTool {
    private static let keys: Set<String> = ["name", "call", "description", "permission", "effect", "arguments"]

    fileprivate init(reading json: JSON, keeps: Bool, at place: String) throws(DefinitionFault) {
        let members = try definitionMembers(json, at: place, allowed: Self.keys)
        guard let name = members["name"]?.string, PluginDefinition.isName(name) else {
            throw DefinitionFault.malformed("\(place).name")
        }
        self.name = name
        ownName =
            try members["call"].map { value throws(DefinitionFault) in
                try PluginDefinition.line(value, "\(place).call", 128)
            } ?? name
        description = try PluginDefinition.line(members["description"], "\(place).description", 2_000)
        switch members["permission"]?.string {
        case "observe": permission = .observe
        case "act": permission = .safe
        case "confirm": permission = .confirm
        default: throw DefinitionFault.malformed("\(place).permission")
        }
        guard let effect = members["effect"]?.string.flatMap(EffectClass.init(rawValue:)) else {
            throw DefinitionFault.malformed("\(place).effect")
        }
        // What is held until the commit is what the house keeps for the resident; a program's own acts cannot be held.
        guard effect != .staged || keeps else { throw DefinitionFault.malformed("\(place).effect") }
        self.effect = effect
        arguments = try ArgumentSchema(reading: members["arguments"] ?? .null, at: "\(place).arguments")
    }
}

extension SandboxError {
    /// The member of a definition that a refused program comes from.
    fileprivate var definitionPlace: String {
        guard case .invalidProgram(let fault) = self else { return "command" }
        return switch fault {
        case .limit(let name): "limits.\(name)"
        case .folder: "folders"
        case .command, .text, .fileName, .tooLarge: "command"
        }
    }
}
