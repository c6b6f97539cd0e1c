// What the stand-in answers, before it is put on the wire.
internal import Encoding

/// One answer of the stand-in, or the fault a script asks for.
struct RehearsalAnswer {
    /// How a tool is called: well, or as a script wants it.
    struct Call {
        var name: String
        var arguments: JSONObject = [:]
        /// Text sent instead of the arguments, whatever it is.
        var rawArguments: String?
    }

    /// How a script wants an answer to go wrong.
    enum Fault: Equatable {
        case status(Int, retryAfter: String?)
        case errorEvent(String)
        case truncated
        case garbage
        case wrongContentType
        case duplicateIDs
    }

    var text: String?
    var calls: [Call] = []
    /// The wire's word for why it stopped; nil: whatever fits.
    var stop: String?
    var fault: Fault?
    var delayMilliseconds: Int64 = 0

    /// What every text of the stand-in begins with.
    static let mark = "[rehearsal] "

    /// A text that says it is rehearsed, once.
    static func marked(_ text: String) -> String { text.hasPrefix(mark) ? text : mark + text }
}

extension RehearsalAnswer {
    /// The bytes that count as output, four to a token.
    var outputTokens: Int {
        let bytes = calls.reduce(text?.utf8.count ?? 0) { sum, call in
            sum + call.name.utf8.count
                + (call.rawArguments?.utf8.count ?? JSON.object(call.arguments).serialized().count)
        }
        return bytes / 4 + 1 + calls.count
    }

    /// The answer cut to a limit of output tokens as models are: calls go first, then words, and the reason says so.
    func cut(to maximum: Int) -> RehearsalAnswer {
        var cut = self
        while cut.outputTokens > maximum, !cut.calls.isEmpty {
            cut.calls.removeLast()
            cut.stop = "max_tokens"
        }
        if cut.outputTokens > maximum, let text = cut.text {
            cut.text = String(text.prefix(max(1, (maximum - 1) * 2)))
            cut.stop = "max_tokens"
        }
        return cut
    }
}
