// What the stand-in sees of a request: only this, so the same request always gets the same answer.
internal import Encoding

/// A Messages request as the stand-in reads it.
struct RehearsalRequest {
    /// A tool's answer in the newest user turn.
    struct Result: Equatable {
        let tool: String
        let content: String
        let isError: Bool
    }

    let model: String
    let isStreamed: Bool
    let maximumTokens: Int
    /// The instructions in order, without the resident's memory, which may repeat what others said.
    let system: [String]
    /// The names of the tools that may be used now; empty when their use is not allowed.
    let tools: Set<String>
    /// The newest user turn that answers no tool call: what the day began with.
    let dayText: String
    /// The words of the newest user turn.
    let lastText: String
    /// How many turns stand before the day's.
    let earlierTurns: Int
    /// How many replies the day has had.
    let round: Int
    /// The names of the tools called today, in order.
    let called: [String]
    /// The answers that the newest user turn brings.
    let results: [Result]
    /// What it would cost.
    let usage: TokenUsage

    /// Reads a request body; nil where it is none of the API's.
    init?(_ json: JSON) {
        guard let model = json["model"]?.string, let maximum = json["max_tokens"]?.integer, maximum > 0,
            let messages = json["messages"]?.array, !messages.isEmpty
        else { return nil }
        self.model = model
        maximumTokens = Int(clamping: maximum)
        isStreamed = json["stream"]?.bool ?? false
        system = Self.systemTexts(json["system"])
        let names = (json["tools"]?.array ?? []).compactMap { $0["name"]?.string }
        tools = json["tool_choice"]?["type"]?.string == "none" ? [] : Set(names)

        let turns = messages.map(TurnView.init)
        let day = turns.lastIndex { $0.isUser && !$0.answersCalls } ?? 0
        let today = turns[(day + 1)...]
        dayText = turns[day].text
        lastText = turns.last { $0.isUser }?.text ?? ""
        earlierTurns = day
        round = today.count { !$0.isUser }
        called = today.flatMap { $0.calls.map(\.name) }
        let toolNames = Dictionary(today.flatMap(\.calls).map { ($0.id, $0.name) }) { first, _ in first }
        results = (turns.last?.results ?? []).map {
            Result(tool: toolNames[$0.id] ?? "", content: $0.content, isError: $0.isError)
        }
        usage = Self.usage(json, turns: turns, round: round)
    }

    /// Whether nothing but the question of self-deletion is asked.
    var isCleanRoom: Bool { tools == ["self_delete"] }

    /// The mark that opens the memory in a composed context; nothing a resident or an outsider wrote can hold it.
    private static let memoryMark = "<own kind=\"memory\">"

    private static func systemTexts(_ system: JSON?) -> [String] {
        let texts = system?.string.map { [$0] } ?? (system?.array ?? []).compactMap { $0["text"]?.string }
        return texts.map { text in
            guard let rest = RehearsalText.rest(of: text[...], after: memoryMark) else { return text }
            return String(text.dropLast(rest.count + memoryMark.count))
        }
    }

    /// Counts about four bytes a token; what stands up to the last breakpoint is written in the first round, then read.
    private static func usage(_ json: JSON, turns: [TurnView], round: Int) -> TokenUsage {
        let tools = json["tools"]?.array ?? []
        let toolBytes = tools.isEmpty ? 0 : TokenEstimate.bytes(of: .array(tools))
        let blocks = json["system"]?.array ?? []
        let sizes = blocks.map { $0["text"]?.string?.utf8.count ?? 0 }
        let lastBreakpoint = blocks.lastIndex { $0["cache_control"] != nil }
        let cached = lastBreakpoint.map { (toolBytes + sizes[...$0].reduce(0, +)) / 4 } ?? 0
        let system = json["system"]?.string?.utf8.count ?? sizes.reduce(0, +)
        let all = (toolBytes + system + turns.reduce(0) { $0 + $1.bytes }) / 4 + turns.count
        guard cached >= ModelCapabilities.rehearsal.cacheMinimum ?? 0, cached > 0 else { return TokenUsage(input: all) }
        return round == 0
            ? TokenUsage(input: all - cached, cacheWrite: cached) : TokenUsage(input: all - cached, cacheRead: cached)
    }
}

/// One message of a request, taken apart.
private struct TurnView {
    var isUser: Bool
    var text = ""
    var calls: [(id: String, name: String)] = []
    var results: [(id: String, content: String, isError: Bool)] = []
    var bytes = 0

    var answersCalls: Bool { !results.isEmpty }

    init(_ message: JSON) {
        isUser = message["role"]?.string == "user"
        if let text = message["content"]?.string {
            self.text = text
            bytes = text.utf8.count
            return
        }
        for block in message["content"]?.array ?? [] {
            switch block["type"]?.string {
            case "text":
                let part = block["text"]?.string ?? ""
                text = text.isEmpty ? part : text + "\n" + part
                bytes += part.utf8.count
            case "tool_use":
                calls.append((block["id"]?.string ?? "", block["name"]?.string ?? ""))
                bytes += block["input"].map(TokenEstimate.bytes) ?? 0
            case "tool_result":
                let content = block["content"]?.string ?? block["content"]?[0]?["text"]?.string ?? ""
                results.append((block["tool_use_id"]?.string ?? "", content, block["is_error"]?.bool ?? false))
                bytes += content.utf8.count
            default: break
            }
        }
    }
}
