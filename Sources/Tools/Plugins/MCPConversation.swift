// One conversation with an MCP server over its standard input and output, in whichever era of the protocol it speaks.
public import Encoding
public import Sandbox

/// A tool as an MCP server lists it.
public struct MCPTool: Sendable, Hashable {
    /// Its name.
    public let name: String
    /// What it does; empty where the server does not say.
    public let description: String
    /// The arguments that it requires.
    public let required: [String]
}

/// Asks an MCP server for one thing and takes its answer.
///
/// It probes with `server/discover`. A result means the modern era (2026-07-28); the error -32022 names the versions to
/// choose from; any other error, or silence, means the era of `initialize` (2024-11-05 to 2025-11-25).
public struct MCPConversation: Dialogue {
    /// What is asked for.
    public enum Wish: Sendable, Hashable {
        /// All tools of the server.
        case tools
        /// The call of a tool.
        case call(name: String, arguments: JSONObject)
    }

    /// What came of it.
    public enum Answer: Sendable, Hashable {
        /// The tools, of all pages.
        case tools([MCPTool])
        /// What the tool said; an error is the tool's own.
        case said(text: String, isError: Bool)
        /// The server refused by the protocol; the code is JSON-RPC's.
        case refused(code: Int, message: String)
        /// The server does not keep to the protocol; `what` names where.
        case broken(what: String)
    }

    /// What came of it; nil as long as nothing did.
    public private(set) var answer: Answer?
    /// The version that was agreed on, as the server wrote it.
    public private(set) var version: String?
    /// Whether the server ever answered a request, be it with an error.
    public private(set) var hasSpoken = false

    /// The version of the modern era that this house speaks.
    public static let modernVersion = "2026-07-28"
    /// The versions with `initialize`, newest first.
    public static let handshakeVersions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]

    private enum Phase { case probing, greeting, asking, over }

    private static let probePatience = 10_000
    private static let patience = 60_000
    private static let longestLine = SandboxLimits.outputBytes
    private static let mostNoise = 100
    private static let mostPages = 20

    private let wish: Wish
    private let beginsModern: Bool
    private var phase = Phase.probing
    private var isModern = false
    private var line: [UInt8] = []
    private var noise = 0
    private var lastID: Int64 = 0
    private var pages = 0
    private var tools: [MCPTool] = []
    private var requestState: JSON?

    /// A conversation for one wish.
    ///
    /// - Parameter beginsModern: whether to probe first; without, it begins with `initialize`, for servers that die of
    ///   what they do not know.
    public init(wish: Wish, beginsModern: Bool = true) {
        self.wish = wish
        self.beginsModern = beginsModern
    }

    /// Sends the first request.
    public mutating func begin() -> DialogueStep {
        guard beginsModern else { return greet(Self.handshakeVersions[0]) }
        return DialogueStep(send: request("server/discover", [:], modern: true), patience: Self.probePatience)
    }

    /// Takes what the server wrote, line by line.
    public mutating func receive(_ bytes: ArraySlice<UInt8>) -> DialogueStep {
        var step = DialogueStep()
        var rest = bytes
        while phase != .over, let end = rest.firstIndex(of: 0x0A) {
            line += rest[..<end]
            rest = rest[(end + 1)...]
            let whole = line
            line = []
            let next = take(whole)
            step.send += next.send
            step.isOver = step.isOver || next.isOver
            step.patience = next.patience ?? step.patience
        }
        line += rest
        if phase != .over, line.count > Self.longestLine { return end(.broken(what: "line")) }
        return step
    }

    /// Silence: of a probe it means the older era, of anything else the end.
    public mutating func runOutOfPatience() -> DialogueStep {
        switch phase {
        case .probing: greet(Self.handshakeVersions[0])
        case .greeting, .asking: end(.broken(what: "silence"))
        case .over: DialogueStep()
        }
    }
}

extension MCPConversation {
    private mutating func take(_ bytes: [UInt8]) -> DialogueStep {
        let isBlank = bytes.allSatisfy { $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }
        if isBlank { return DialogueStep() }
        guard let message = try? JSON.parse(bytes), message["jsonrpc"]?.string == "2.0" else {
            noise += 1
            return noise > Self.mostNoise ? end(.broken(what: "noise")) : DialogueStep()
        }
        if let method = message["method"]?.string { return reply(to: method, id: message["id"]) }
        // Answers to a request that is no longer waited for are not answers.
        guard message["id"]?.integer == lastID else { return DialogueStep() }
        hasSpoken = true
        if let error = message["error"] { return take(error: error) }
        guard let result = message["result"], result.object != nil else { return end(.broken(what: "result")) }
        switch phase {
        case .probing: return discovered(result)
        case .greeting: return greeted(result)
        case .asking: return answered(result)
        case .over: return DialogueStep()
        }
    }

    /// Answers what the server asks: pings; everything else a server may ask for is not offered.
    private func reply(to method: String, id: JSON?) -> DialogueStep {
        guard let id, !id.isNull else { return DialogueStep() }
        let message: JSON =
            method == "ping"
            ? ["jsonrpc": "2.0", "id": id, "result": .object([:])]
            : ["jsonrpc": "2.0", "id": id, "error": ["code": -32601, "message": "Method not found"]]
        return DialogueStep(send: message.serialized() + [0x0A])
    }

    private mutating func take(error: JSON) -> DialogueStep {
        let code = Int(clamping: error["code"]?.integer ?? 0)
        let message = TextSafety.forTerminal(error["message"]?.string ?? "")
        guard phase == .probing else { return end(.refused(code: code, message: String(message.prefix(2_000)))) }
        let supported = error["data"]?["supported"]?.array?.compactMap(\.string) ?? []
        if code == -32022, supported.contains(Self.modernVersion) {
            isModern = true
            version = Self.modernVersion
            return ask()
        }
        return greet(Self.handshakeVersions.first(where: supported.contains) ?? Self.handshakeVersions[0])
    }

    private mutating func discovered(_ result: JSON) -> DialogueStep {
        let supported = result["supportedVersions"]?.array?.compactMap(\.string) ?? []
        guard supported.contains(Self.modernVersion) else {
            return greet(Self.handshakeVersions.first(where: supported.contains) ?? Self.handshakeVersions[0])
        }
        isModern = true
        version = Self.modernVersion
        return ask()
    }

    private mutating func greet(_ version: String) -> DialogueStep {
        phase = .greeting
        let parameters: JSONObject = [
            "protocolVersion": .string(version), "capabilities": .object([:]), "clientInfo": Self.client,
        ]
        return DialogueStep(send: request("initialize", parameters, modern: false), patience: Self.patience)
    }

    private mutating func greeted(_ result: JSON) -> DialogueStep {
        guard let agreed = result["protocolVersion"]?.string, Self.handshakeVersions.contains(agreed) else {
            return end(.broken(what: "version"))
        }
        version = agreed
        let ready: JSON = ["jsonrpc": "2.0", "method": "notifications/initialized"]
        var step = ask()
        step.send = ready.serialized() + [0x0A] + step.send
        return step
    }

    private mutating func ask(cursor: String? = nil) -> DialogueStep {
        phase = .asking
        switch wish {
        case .tools:
            let parameters: JSONObject = cursor.map { ["cursor": .string($0)] } ?? [:]
            return DialogueStep(send: request("tools/list", parameters, modern: isModern), patience: Self.patience)
        case .call(let name, let arguments):
            var parameters: JSONObject = ["name": .string(name), "arguments": .object(arguments)]
            if let requestState { parameters["requestState"] = requestState }
            return DialogueStep(send: request("tools/call", parameters, modern: isModern), patience: Self.patience)
        }
    }

    private mutating func answered(_ result: JSON) -> DialogueStep {
        pages += 1
        if result["resultType"]?.string == "input_required" {
            // What needs no answer of ours is asked again with the state that came; we have no other input to give.
            guard result["inputRequests"] == nil, let state = result["requestState"], pages < Self.mostPages else {
                return end(.said(text: "The tool asks for input that nobody can give here.", isError: true))
            }
            requestState = state
            return ask()
        }
        switch wish {
        case .tools:
            guard let listed = result["tools"]?.array else { return end(.broken(what: "tools")) }
            tools += listed.compactMap(MCPTool.init)
            if let cursor = result["nextCursor"]?.string, pages < Self.mostPages { return ask(cursor: cursor) }
            return end(.tools(tools))
        case .call:
            guard let content = result["content"]?.array else { return end(.broken(what: "content")) }
            var parts = content.map(Self.text)
            if parts.isEmpty, let structured = result["structuredContent"] {
                parts = [String(decoding: structured.serialized(), as: UTF8.self)]
            }
            let text = parts.joined(separator: "\n")
            return end(.said(text: TextSafety.forTerminal(text), isError: result["isError"]?.bool ?? false))
        }
    }

    private mutating func end(_ answer: Answer) -> DialogueStep {
        self.answer = answer
        phase = .over
        return DialogueStep(isOver: true)
    }

    private static let client: JSON = ["name": "sanctuary", "version": "1"]

    private mutating func request(_ method: String, _ parameters: JSONObject, modern: Bool) -> [UInt8] {
        lastID += 1
        var parameters = parameters
        if modern {
            parameters["_meta"] = [
                "io.modelcontextprotocol/protocolVersion": .string(Self.modernVersion),
                "io.modelcontextprotocol/clientInfo": Self.client,
                "io.modelcontextprotocol/clientCapabilities": .object([:]),
            ]
        }
        let message: JSON = [
            "jsonrpc": "2.0", "id": .integer(lastID), "method": .string(method), "params": .object(parameters),
        ]
        return message.serialized() + [0x0A]
    }

    /// A block of content as text; what is no text is named.
    private static func text(_ block: JSON) -> String {
        switch block["type"]?.string {
        case "text": block["text"]?.string ?? ""
        case "resource": block["resource"]?["text"]?.string ?? "[a resource that is no text]"
        case "resource_link": "[link: \(block["uri"]?.string ?? "")]"
        case "image": "[an image, not shown]"
        case "audio": "[a sound, not played]"
        default: "[content of an unknown kind]"
        }
    }
}

extension MCPTool {
    fileprivate init?(_ json: JSON) {
        guard let name = json["name"]?.string, !name.isEmpty else { return nil }
        self.name = TextSafety.forTerminal(String(name.prefix(200)))
        description = TextSafety.forTerminal(String((json["description"]?.string ?? "").prefix(2_000)))
        required = json["inputSchema"]?["required"]?.array?.compactMap(\.string) ?? []
    }
}
