// One call of a plugin's tool in the sandbox, and what it came to.
public import Encoding
public import Sandbox

/// What a plugin's tool came to.
public struct PluginAnswer: Sendable, Hashable {
    /// What it said, safe to show, outside of any envelope.
    public var text: String
    /// Whether it says that it failed, or failed in how it ended.
    public var isError: Bool
    /// What it wants kept for the resident in place of what was kept; nil for no change.
    public var kept: String?
    /// From start to end, in milliseconds.
    public var milliseconds: Int
    /// Whether the program was killed because whoever asked no longer wants the answer.
    public var isCutShort = false

    /// Makes an answer.
    public init(text: String, isError: Bool = false, kept: String? = nil, milliseconds: Int = 0) {
        self.text = text
        self.isError = isError
        self.kept = kept
        self.milliseconds = milliseconds
    }
}

/// What a call of a plugin's tool consists of.
public struct PluginCall: Sendable {
    /// The most text that is kept for one resident and plugin, in bytes.
    public static let keptBytes = 65_536
    /// The most that is read of all files that an answer names.
    static let fileBytes = 65_536

    private let offer: PluginOffer
    private let arguments: JSONObject
    private let today: String
    private let now: Instant
    private let kept: String

    /// Describes a call.
    ///
    /// - Parameters:
    ///   - arguments: checked by the tool's schema.
    ///   - today: the civil day, `YYYY-MM-DD`.
    ///   - kept: what is kept for the resident; empty at first.
    public init(offer: PluginOffer, arguments: JSONObject, today: String, now: Instant, kept: String) {
        self.offer = offer
        self.arguments = arguments
        self.today = today
        self.now = now
        self.kept = kept
    }

    /// Runs it; throws where the sandbox itself failed, and then nothing is known of what the tool did.
    public func answer(in sandbox: Sandbox) async throws(SandboxError) -> PluginAnswer {
        switch offer.folder.definition.kind {
        case .program: try await askProgram(sandbox)
        case .mcp: try await askServer(sandbox)
        }
    }

    private var definition: PluginDefinition { offer.folder.definition }

    private func askProgram(_ sandbox: Sandbox) async throws(SandboxError) -> PluginAnswer {
        var question: JSONObject = [
            "tool": .string(offer.tool.ownName), "arguments": .object(arguments), "today": .string(today),
            "now": .string(now.rfc3339),
        ]
        if definition.keeps { question["kept"] = .string(kept) }
        let letter = Letter(JSON.object(question).serialized() + [0x0A])
        let run = try await sandbox.run(offer.folder.program, speaking: letter)
        var answer = Self.read(run, keeps: definition.keeps)
        answer.isCutShort = run.end == .stopped(.cancelled)
        if !answer.isError, let files = Self.files(of: run), let exchange = definition.exchange {
            answer.text += try Self.text(of: files, in: exchange)
        }
        return answer
    }

    private func askServer(_ sandbox: Sandbox) async throws(SandboxError) -> PluginAnswer {
        let run = try await sandbox.converse(
            with: offer.folder, wish: .call(name: offer.tool.ownName, arguments: arguments))
        var answer = PluginAnswer(text: "", milliseconds: run.milliseconds)
        switch run.speaker.answer {
        case .said(let text, let isError):
            answer.text = text
            answer.isError = isError
        case .refused(let code, let message):
            answer.text = "The tool's server refused the call (\(code)): \(message)"
            answer.isError = true
        case .broken(let what):
            answer.text = "The tool's server does not keep to its protocol (\(what))."
            answer.isError = true
        case .tools, nil:
            answer.text = "The tool's server ended without an answer (\(Self.words(for: run.end)))."
            answer.isError = true
            answer.isCutShort = run.end == .stopped(.cancelled)
        }
        return answer
    }
}

extension PluginCall {
    /// Reads what a program wrote: one JSON object with `text` or `error`.
    private static func read(_ run: SandboxRun<Letter>, keeps: Bool) -> PluginAnswer {
        var answer = PluginAnswer(text: "", isError: true, milliseconds: run.milliseconds)
        guard run.end == .exited(0) else {
            let said = run.errors.text.split(whereSeparator: \.isNewline).suffix(5).joined(separator: "\n")
            answer.text = "The tool failed (\(words(for: run.end)))."
            if !said.isEmpty { answer.text += " It said:\n\(said.suffix(2_000))" }
            return answer
        }
        guard let bytes = run.output.whole else {
            answer.text = "The tool's answer was too long: \(run.output.total) bytes."
            return answer
        }
        guard let json = try? JSON.parse(bytes, limits: JSONLimits(maximumBytes: 1 << 20, maximumDepth: 32)),
            json.object != nil
        else {
            answer.text = "The tool's answer was no JSON object."
            return answer
        }
        if let error = json["error"]?.string {
            answer.text = TextSafety.forTerminal(error)
            return answer
        }
        guard let text = json["text"]?.string else {
            answer.text = "The tool's answer has no text."
            return answer
        }
        answer.text = TextSafety.forTerminal(text)
        if keeps, let kept = json["kept"]?.string {
            guard kept.utf8.count <= keptBytes else {
                answer.text =
                    "There is no room for that: at most \(keptBytes) bytes are kept, and this has"
                    + " \(kept.utf8.count). Nothing was changed."
                return answer
            }
            answer.kept = kept
        }
        answer.isError = false
        return answer
    }

    private static func files(of run: SandboxRun<Letter>) -> [String]? {
        guard let bytes = run.output.whole, let json = try? JSON.parse(bytes) else { return nil }
        return json["files"]?.array?.compactMap(\.string)
    }

    /// The texts of files in the exchange folder that an answer names.
    private static func text(of names: [String], in exchange: String) throws(SandboxError) -> String {
        let folder = try ForeignFolder(path: exchange)
        var text = ""
        for name in names.prefix(8) {
            let title = TextSafety.forTerminal(name)
            do throws(SandboxError) {
                let bytes = try folder.read(name, maximumBytes: max(0, fileBytes - text.utf8.count))
                text += "\n[file \(title)]\n\(CapturedOutput.clean(bytes))"
            } catch {
                guard case .fileRefused(_, let fault) = error else { throw error }
                text += "\n[file \(title) is not read: \(fault.rawValue)]"
            }
        }
        return text
    }

    private static func words(for end: ProgramEnd) -> String {
        switch end {
        case .exited(let code) where code > 128: "ended by signal \(code - 128)"
        case .exited(let code): "exit code \(code)"
        case .dismissed: "dismissed"
        case .stopped(.wall): "stopped: it ran too long"
        case .stopped(.idle): "stopped: it said nothing for too long"
        case .stopped(.output): "stopped: it wrote too much"
        case .stopped(.cancelled): "stopped"
        }
    }
}

extension PluginFolder {
    /// The plugin as the sandbox runs it.
    public var program: SandboxProgram {
        SandboxProgram(
            command: definition.command, files: files, folders: definition.folders, exchange: definition.exchange,
            needsProc: definition.needsProc, limits: definition.limits)
    }
}

extension Sandbox {
    /// Speaks with an MCP server; once more without the probe where the server died of it.
    public func converse(
        with plugin: PluginFolder, wish: MCPConversation.Wish
    ) async throws(SandboxError) -> SandboxRun<MCPConversation> {
        let run = try await run(plugin.program, speaking: MCPConversation(wish: wish))
        guard run.speaker.answer == nil, !run.speaker.hasSpoken, case .exited = run.end else { return run }
        return try await self.run(plugin.program, speaking: MCPConversation(wish: wish, beginsModern: false))
    }
}
