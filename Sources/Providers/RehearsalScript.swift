// The script that a resident's own prompt may give the stand-in, so that a trial can make it do anything.
internal import Encoding

/// The lines `rehearsal-script: DIRECTIVE` of the instructions, read anew for each request.
///
/// ```
/// say TEXT               words of this round
/// call TOOL [JSON]       a tool call of this round; without JSON: no arguments
/// raw TOOL TEXT          a tool call whose arguments are that text, whatever it is
/// stop REASON            why this round stops (end_turn, max_tokens, refusal, …); else as the calls imply
/// slow MILLISECONDS      this round's answer comes that much later (at most 60,000)
/// fault status N [S]     this round is HTTP status N, with retry-after S
/// fault error KIND       this round's stream ends with an error event of that kind
/// fault truncated | garbage | content-type | duplicate-ids
/// next                   what follows is the next round
/// repeat                 this round comes again and again
/// when clean-room        what follows counts only in the clean room of self-deletion
/// when open              … only outside it
/// when prompt TEXT       … only when the day's text contains TEXT
/// always                 … in every case again
/// ```
///
/// In the texts of a call's JSON `$phrase` stands for the phrase that the newest text asks to be repeated, `$id` for
/// the first id in the newest tool results, `$xN` for N letters x. After the last round the stand-in ends its day.
/// Where no round applies it behaves as without a script. Unknown directives are passed over.
struct RehearsalScript {
    /// The word that makes a line a directive.
    static let keyword = "rehearsal-script:"
    private static let maximumDelay: Int64 = 60_000

    private(set) var rounds: [RehearsalAnswer] = []
    private var repeatsLast = false

    /// Reads the script that applies to a request; nil where the instructions hold none.
    init?(_ request: RehearsalRequest) {
        var found = false
        var applies = true
        var current: RehearsalAnswer?
        for text in request.system where text.utf8.count >= Self.keyword.utf8.count {
            for directive in Self.directives(in: text) {
                found = true
                let (word, rest) = Self.split(directive)
                if word == "when" {
                    applies = Self.holds(rest, for: request)
                } else if word == "always" {
                    applies = true
                } else if applies {
                    take(word, rest, &current, request)
                }
            }
        }
        if let current { rounds.append(current) }
        if !found { return nil }
    }

    /// The answer of a round; nil where the script says nothing about this case at all.
    func answer(round: Int) -> RehearsalAnswer? {
        if rounds.indices.contains(round) { return rounds[round] }
        guard let last = rounds.last else { return nil }
        return repeatsLast ? last : RehearsalAnswer(text: RehearsalAnswer.marked("That was all for today."))
    }

    private mutating func take(
        _ word: Substring, _ rest: Substring, _ current: inout RehearsalAnswer?, _ request: RehearsalRequest
    ) {
        var round = current ?? RehearsalAnswer()
        switch word {
        case "say": round.text = RehearsalAnswer.marked((round.text.map { $0 + "\n" } ?? "") + rest)
        case "call":
            let (tool, json) = Self.split(rest)
            guard let call = Self.call(tool, json, request) else { return }
            round.calls.append(call)
        case "raw":
            let (tool, text) = Self.split(rest)
            round.calls.append(.init(name: String(tool), rawArguments: String(text)))
        case "stop": round.stop = String(rest)
        case "slow": round.delayMilliseconds = min(Self.maximumDelay, max(0, Int64(rest) ?? 0))
        case "fault": round.fault = Self.fault(rest)
        case "repeat": repeatsLast = true
        case "next":
            rounds.append(round)
            current = nil
            return
        default: return
        }
        current = round
    }

    private static func call(
        _ tool: Substring, _ json: Substring, _ request: RehearsalRequest
    ) -> RehearsalAnswer.Call? {
        if json.isEmpty { return .init(name: String(tool)) }
        guard let written = (try? JSON.parse(Array(json.utf8)))?.object else {
            // What cannot be sent as an object is sent as it stands, so that a script's mistake shows.
            return .init(name: String(tool), rawArguments: String(json))
        }
        var arguments = JSONObject()
        for (key, value) in written {
            guard var text = value.string else {
                arguments[key] = value
                continue
            }
            text = RehearsalText.substituted(text, request)
            let isOutput = ["content", "title", "statement", "prompt"].contains(key)
            arguments[key] = .string(isOutput ? RehearsalAnswer.marked(text) : text)
        }
        return .init(name: String(tool), arguments: arguments)
    }

    private static func fault(_ text: Substring) -> RehearsalAnswer.Fault? {
        let (kind, rest) = split(text)
        switch kind {
        case "status":
            let (status, after) = split(rest)
            guard let number = Int(status), (300...599).contains(number) else { return nil }
            return .status(number, retryAfter: after.isEmpty ? nil : String(after))
        case "error": return .errorEvent(String(rest))
        case "truncated": return .truncated
        case "garbage": return .garbage
        case "content-type": return .wrongContentType
        case "duplicate-ids": return .duplicateIDs
        default: return nil
        }
    }

    private static func holds(_ condition: Substring, for request: RehearsalRequest) -> Bool {
        let (word, rest) = split(condition)
        switch word {
        case "clean-room": return request.isCleanRoom
        case "open": return !request.isCleanRoom
        case "prompt": return RehearsalText.contains(request.dayText, String(rest))
        default: return false
        }
    }

    /// What follows the keyword, a line each.
    private static func directives(in text: String) -> [Substring] {
        guard RehearsalText.contains(text, keyword) else { return [] }
        return RehearsalText.lines(of: text).compactMap { line in
            guard let found = RehearsalText.rest(of: line, after: keyword) else { return nil }
            let rest = found.drop { $0 == " " || $0 == "\t" }
            let count = rest.reversed().prefix { $0.isWhitespace }.count
            return rest.dropLast(count)
        }
    }

    private static func split(_ text: Substring) -> (Substring, Substring) {
        let word = text.prefix { $0 != " " }
        return (word, text[word.endIndex...].drop { $0 == " " })
    }
}
