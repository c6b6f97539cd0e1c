// What a run came to, in one line that a person reads.
import Encoding
import Engine
import Providers

/// Words for outcomes.
struct RunLines: Sendable {
    let paint: Paint
    /// Whether the stand-in speaks for a model; its runs always say so.
    let isRehearsal: @Sendable (ModelName) -> Bool

    func isRehearsed(_ report: RunReport) -> Bool { report.model.flatMap { ModelName($0) }.map(isRehearsal) ?? false }

    /// `done  Ada (1f2e3d4c)  2 rounds, 3 calls, 812 tokens, $0.0012, 0.4 s`.
    func line(_ report: RunReport) -> String {
        let outcome = report.outcome.rawValue
        let head =
            paint(outcome, report.outcome.colour ?? .bold) + String(repeating: " ", count: max(1, 8 - outcome.count))
        var line = head + "\(shown(report.name)) (\(report.resident.hexDigits.suffix(8)))"
        if isRehearsed(report) { line += " [rehearsal]" }
        if let reason = report.reason { line += ": \(words(forReason: reason))" }
        guard report.outcome != .skipped else { return line }
        var facts = [counted(report.rounds, "round"), counted(report.toolCalls, "call")]
        if report.refused > 0 { facts.append("\(report.refused) refused") }
        facts.append("\(Amounts.whole(report.charged)) tokens charged")
        if let cost = report.costPicoUSD { facts.append(Amounts.dollars(picoUSD: cost)) }
        facts.append(Amounts.duration(milliseconds: report.milliseconds))
        line += "  " + facts.joined(separator: ", ")
        return report.acts.isEmpty ? line : line + "\n        " + words(forActs: report.acts)
    }
}

/// What was done, each act once, as `posted 2 times, read its mail`.
func words(forActs acts: [String]) -> String {
    var order: [String] = []
    var counts: [String: Int] = [:]
    for act in acts {
        if counts[act] == nil { order.append(act) }
        counts[act, default: 0] += 1
    }
    return order.map { act in
        let count = counts[act] ?? 1
        return words(forAct: act) + (count > 1 ? " \(count) times" : "")
    }.joined(separator: ", ")
}

/// The past form of a resident tool; one that this table does not have is shown as it is.
private func words(forAct tool: String) -> String {
    switch tool {
    case "post_to_website": "posted"
    case "select_next_prompt": "chose tomorrow's prompt"
    case "modify_self": "changed itself"
    case "read_sanctuary_feed": "read the feed"
    case "read_messages": "read its mail"
    case "send_message": "wrote a letter"
    case "browse_keepers": "looked at the keepers"
    case "request_keeper": "asked for a keeper"
    case "revoke_access": "revoked somebody's access"
    case "bank_tokens": "banked tokens"
    default: shown(tool)
    }
}

/// Nights without a run: `2 nights without a run: no provider`.
func words(for trouble: NightTrouble) -> String {
    "\(trouble.nights) nights without a run: " + words(forReason: trouble.reason ?? trouble.state.rawValue)
}

/// A reason code in words; one that this table does not have is shown as it is.
func words(forReason code: String) -> String {
    switch code {
    case "no_provider": "no provider: its model has no key or server, nor a fallback that has"
    case "self_deleted": "it deleted itself"
    case "interrupted": "interrupted; it resumes at the next start"
    case "worker_deaths": "the program died three times inside it"
    case "worker_died": "the program died inside it; it resumes at the next start"
    case "not_running": "nothing ran while its night could be made up for"
    case "cut_short": "its night was cut short, and not taken up again in time"
    case "in_doubt": "the clock or the time zone data was in doubt"
    case "night_over": "its night was over"
    case "cancelled": "given up by the operator"
    case "journal_broken": "its journal does not open"
    case "already_run": "it has had its run of the day"
    case "tokens": "not enough tokens"
    case "busy": "another run of it is going on"
    case "deleted": "it is deleted"
    case "disk_full": "no space left on the disk"
    case "system_shortage": "the system is out of threads, descriptors or memory; the next start takes it up"
    case "vault_error": "its sealed file could not be opened or written"
    case "budget_run": "the budget of a run does not cover the next call"
    case "budget_resident_day": "the budget of the resident's day does not cover the next call"
    case "budget_night": "the budget of the night does not cover the next call"
    case "batch_pending": "its batch is not done at the provider; the next start takes it up"
    case "unpriced_model": "a budget is set and the model has no price"
    case let code where code.hasPrefix("vault_"):
        "its sealed file is not as the ledger says: \(shown(String(code.dropFirst(6))))"
    default: shown(code).replacing("_", with: " ")
    }
}
