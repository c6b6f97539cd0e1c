// Words for what providers, their settings and the way to them refuse; never the text of an answer.
import Encoding
import HTTPClient
import Providers

func wording(of error: ProviderError) -> CommandError {
    switch error {
    case .unknownProvider(let name):
        .usage("unknown provider '\(shown(name))'", hint: "'sanctuary provider list' shows those that there are")
    case .invalidSettings(let provider, let fault): wording(of: fault, provider: provider)
    case .noKey(let provider):
        CommandError(
            "there is no key for provider '\(shown(provider))'",
            hint: "set its variable, or name one with providers.\(shown(provider)).keyEnv or keyFile")
    case .breakerOpen(let provider, let until):
        CommandError("provider '\(shown(provider))' refused this node and is left alone until \(until.rfc3339)")
    case .invalidRequest(let fault): CommandError(words(for: fault))
    case .refused(let refusal): wording(of: refusal)
    case .transport(let error): CommandError(words(for: error), hint: transportHint(error))
    case .malformed(let fault, let request):
        CommandError("the provider's answer cannot be used: \(words(for: fault))" + requestNote(request))
    case .rehearsalUnavailable:
        CommandError(
            "rehearsal could not be started on 127.0.0.1", hint: "look at firewalls and open files ('ulimit -n')")
    case .cancelled: CommandError("stopped before the answer came")
    case .notSent: CommandError("stopped before the request was sent")
    }
}

private func requestNote(_ request: String?) -> String { request.map { " (request \(shown($0)))" } ?? "" }

private func wording(of refusal: Refusal) -> CommandError {
    let kind = refusal.kind.map { ", \(shown($0))" } ?? ""
    let message = "the provider answered with status \(refusal.status)\(kind)" + requestNote(refusal.requestID)
    return switch refusal.status {
    case 401, 403: CommandError(message, hint: "look at the key: 'sanctuary provider list' says where it comes from")
    case 402: CommandError(message, hint: "look at the account's balance")
    case 404: CommandError(message, hint: "look at the model's name and the provider's baseURL")
    case 429, 529: CommandError(message, hint: "wait, or set providers.NAME.requestsPerMinute")
    default: CommandError(message)
    }
}

private func words(for fault: RequestFault) -> String {
    switch fault {
    case .empty: "there is nothing to send"
    case .noOutput: "there is no room for an answer"
    case .tooManyBreakpoints(let limit): "more than \(limit) cache breakpoints"
    }
}

private func words(for fault: MalformedReply) -> String {
    switch fault {
    case .contentType: "neither JSON nor an event stream"
    case .notJSON: "not JSON"
    case .notEvents: "not an event stream"
    case .truncated: "it ended in the middle"
    case .eventOrder: "its events are out of order"
    case .missing(let field): "'\(shown(field))' is missing"
    case .unknownValue(let field): "'\(shown(field))' has an unknown value"
    case .duplicateToolID: "two tool calls have one id"
    case .conflictingToolName: "one tool call has two names"
    case .tooManyBlocks(let limit): "more than \(limit) blocks"
    }
}

/// A text that names no model, wherever one was to be named.
func noModel(_ text: String) -> CommandError {
    let bytes = text.utf8.count
    let why = bytes > ModelName.maximumBytes ? ": it has \(bytes) bytes of at most \(ModelName.maximumBytes)" : ""
    return .usage("'\(shown(text))' is no model\(why)", hint: "write PROVIDER/MODEL in visible ASCII characters")
}

/// What is wrong with the settings of one provider.
///
/// - Parameter object: what the file has for it, so that the value can be named.
func wording(
    of fault: ProviderSettingsFault, provider: String, in object: JSONObject = JSONObject()
) -> CommandError {
    let section = "providers.\(shown(provider))"
    switch fault {
    case .unknownKey(let key, let known): return unknownSetting(key, among: known, below: "\(section).")
    case .invalidValue(let key, let expected):
        return mistaken("\(section).\(shown(key))", expected, object.value(at: key))
    case .unknownDialect(let name, let known):
        return .usage(
            "unknown dialect '\(escaped(name))' of \(section)", hint: "one of: \(known.joined(separator: ", "))")
    case .invalidBaseURL:
        // Behind these signs stand names, passwords and keys.
        let text = object["baseURL"]?.string.flatMap { $0.contains { "@?#".contains($0) } ? nil : escaped($0) }
        return .usage(
            "'\(section).baseURL' is no URL\(text.map { ": '\($0)'" } ?? "")", hint: "write it as \"https://host/path\""
        )
    case .insecureBaseURL(let host):
        return .usage(
            "'\(section).baseURL' would send keys and private words in the clear to \(shown(host))",
            hint: "use https; http is for this machine alone")
    case .invalidName: return .usage("'\(section)' is no name for a provider", hint: "use letters, digits and dashes")
    case .duplicateName(let name): return .usage("two providers are named '\(shown(name))'")
    case .notForHeader(let key, let value):
        return .usage(
            "'\(section).\(shown(key))' is sent as a header and cannot be '\(shown(value))'",
            hint: "use letters, digits, dots and dashes, as in \"2023-06-01\"")
    case .twoKeys: return .usage("\(section) has both keyEnv and keyFile", hint: "take one of them out")
    }
}

extension JSONObject {
    /// A member by the name that a fault has for it: `concurrency`, `models.NAME` or `models.NAME.window`.
    fileprivate func value(at path: String) -> JSON? {
        if let value = self[path] { return value }
        for (model, row) in self["models"]?.object ?? JSONObject() where path.hasPrefix("models.\(model)") {
            if path == "models.\(model)" { return row }
            let key = path.dropFirst("models.\(model).".count)
            if let value = row.object?[String(key)] { return value }
        }
        return nil
    }
}

/// What went wrong on the way to a server and back.
func words(for error: HTTPError) -> String {
    switch error {
    case .invalidURL: "the URL cannot be used"
    case .insecureURL(let host): "plain http to \(shown(host)), which is not this machine, was refused"
    case .invalidMethod: "the HTTP method is no token"
    case .invalidHeader(let name): "the HTTP header '\(shown(name))' cannot be sent"
    case .resolveFailed: "the server's name has no address"
    case .connectFailed: "no connection to the server"
    case .tls(let code): "no secure connection to the server (TLS, code \(code))"
    case .timedOut(.connect): "the server did not take the connection in time"
    case .timedOut(.total): "the server did not finish its answer in time"
    case .timedOut(.idle): "the server fell silent"
    case .tooLarge(let limit): "the server's answer is larger than \(sized(limit))"
    case .headersTooLarge(let limit): "the header of the server's answer is larger than \(sized(limit))"
    case .truncated: "the server's answer ended in the middle"
    case .connectionLost: "the server closed the connection without an answer"
    case .malformedResponse: "the server's answer is not HTTP"
    case .cancelled: "stopped before the answer came"
    case .closed: "the HTTP client was shut down"
    case .overloaded(let limit): "more than \(limit) requests at once"
    case .libraryFailure(let code): "the transfer failed (code \(code))"
    }
}

private func transportHint(_ error: HTTPError) -> String? {
    switch error {
    case .resolveFailed, .connectFailed, .timedOut(.connect): "look at the network and the provider's baseURL"
    case .tls: "look at the machine's clock and its certificates"
    default: nil
    }
}
