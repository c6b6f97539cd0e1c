// What the headers of an answer say of the rates that a provider keeps for this key; pure functions.
internal import Encoding

/// What is left of one rate.
struct RateReport: Equatable, Sendable {
    /// How many units the provider allows in its window; nil where it does not say.
    var limit: Int64?
    /// How many are left.
    var remaining: Int64
    /// How long until all of them are there again, in milliseconds.
    var resetMilliseconds: Int64
}

/// The rates that an answer tells of; what cannot be read says nothing.
struct RateHeaders: Equatable, Sendable {
    /// Requests.
    var requests: RateReport?
    /// Input tokens; in the OpenAI dialect input and output together.
    var input: RateReport?
    /// Output tokens.
    var output: RateReport?

    /// No header stops a provider for longer, in milliseconds: an hour, whatever the clocks of the two say.
    static let longestMilliseconds: Int64 = 3_600_000

    /// Reads Anthropic's `anthropic-ratelimit-*` (reset as RFC 3339), else OpenAI's `x-ratelimit-*` (as a duration).
    ///
    /// Resets are measured from the answer\'s own `date`, where it has one, so that no clock need be right here.
    init(now: Instant, header: (String) -> String?) {
        func anthropic(_ kind: String) -> RateReport? {
            guard let remaining = header("anthropic-ratelimit-\(kind)-remaining") else { return nil }
            return Self.report(
                limit: header("anthropic-ratelimit-\(kind)-limit"), remaining: remaining,
                reset: header("anthropic-ratelimit-\(kind)-reset").flatMap(Instant.init(rfc3339:))
                    .map { $0.milliseconds(since: header("date").flatMap(HTTPDate.parse) ?? now) })
        }
        func openAI(_ kind: String) -> RateReport? {
            guard let remaining = header("x-ratelimit-remaining-\(kind)") else { return nil }
            // Azure sends 0 and -1 without meaning it; without a duration there is nothing to wait for.
            return Self.report(
                limit: header("x-ratelimit-limit-\(kind)"), remaining: remaining,
                reset: header("x-ratelimit-reset-\(kind)").flatMap(Self.duration))
        }
        requests = anthropic("requests") ?? openAI("requests")
        input = anthropic("input-tokens") ?? anthropic("tokens") ?? openAI("tokens")
        output = anthropic("output-tokens")
    }

    private static func report(limit: String?, remaining: String, reset: Int64?) -> RateReport? {
        guard let remaining = count(remaining), let reset else { return nil }
        return RateReport(
            limit: limit.flatMap(count), remaining: remaining,
            resetMilliseconds: min(max(0, reset), longestMilliseconds))
    }

    /// A whole number from zero to 10^12.
    private static func count(_ text: String) -> Int64? {
        guard (1...13).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text).flatMap { $0 <= 1_000_000_000_000 ? $0 : nil }
    }

    /// Reads durations such as `1s`, `6m0s`, `20ms`, `1h2m3.5s`, rounded up to milliseconds.
    static func duration(_ text: String) -> Int64? {
        let units: [String: Double] = ["ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000]
        var total = 0.0
        var rest = Substring(text)
        guard !text.isEmpty, text.utf8.count <= 32 else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest[digits.endIndex...]
            let unit = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest[unit.endIndex...]
            guard let number = Double(digits), let scale = units[String(unit)] else { return nil }
            total += number * scale
        }
        return total.isFinite && total < 1e12 ? Int64(total.rounded(.up)) : nil
    }
}
