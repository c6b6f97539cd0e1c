// The JSON shapes of runs and nights that scripts rely on (interface.md).
import Encoding
import Engine
import Providers
import Scheduler

extension RunReport {
    /// One run.
    func json(isRehearsed: Bool) -> JSON {
        var object: JSONObject = [
            "event": "run", "run": .string(run.description), "resident": .string(resident.description),
            "name": .string(name), "trigger": .string(trigger.rawValue), "outcome": .string(outcome.rawValue),
        ]
        if let reason { object["reason"] = .string(reason) }
        object["model"] = model.map { .string($0) } ?? .null
        object["rounds"] = .integer(Int64(rounds))
        object["toolCalls"] = .integer(Int64(toolCalls))
        object["refused"] = .integer(Int64(refused))
        object["acts"] = .array(acts.map { .string($0) })
        object["tokens"] = usage.json(charged: charged)
        if let costPicoUSD { object["costMicroUSD"] = .integer(Money.microUSD(roundingUp: costPicoUSD)) }
        object["ms"] = .integer(Int64(milliseconds))
        object["generation"] = generation.map { .integer(Int64(clamping: $0)) } ?? .null
        if isRehearsed { object["rehearsed"] = true }
        return .object(object)
    }
}

extension TokenUsage {
    /// What was used and what of it was charged.
    func json(charged: Int) -> JSON {
        [
            "input": .integer(Int64(input)), "cacheRead": .integer(Int64(cacheRead)),
            "cacheWrite": .integer(Int64(cacheWrite)), "output": .integer(Int64(output)),
            "charged": .integer(Int64(charged)),
        ]
    }
}

extension ModelSpending {
    /// What one model was asked.
    var json: JSON {
        [
            "model": .string(model.description), "replies": .integer(Int64(replies)),
            "failures": .integer(Int64(failures)), "input": .integer(Int64(usage.input)),
            "cacheRead": .integer(Int64(usage.cacheRead)), "cacheWrite": .integer(Int64(usage.cacheWrite)),
            "output": .integer(Int64(usage.output)),
            "cachePercent": usage.cachePercent.map { .integer(Int64($0)) } ?? .null,
            "costMicroUSD": isPriced ? .integer(Money.microUSD(roundingUp: costPicoUSD)) : .null,
        ]
    }
}

extension NightSummary {
    /// The end of a night; how many runs failed earlier in it stands beside what this call did.
    func json(failedEarlier: Int) -> JSON {
        var object: JSONObject = ["event": "summary", "date": .string(day.description)]
        for outcome in [RunState.done, .failed, .parked, .skipped, .missed] {
            object[outcome.rawValue] = .integer(Int64(count(outcome)))
        }
        if notBegun > 0 { object["notBegun"] = .integer(Int64(notBegun)) }
        if failedEarlier > 0 { object["failedEarlier"] = .integer(Int64(failedEarlier)) }
        object["tokens"] = usage.json(charged: charged)
        object["costMicroUSD"] = .integer(Money.microUSD(roundingUp: costPicoUSD))
        object["ms"] = .integer(Int64(milliseconds))
        object["models"] = .array(models.map(\.json))
        return .object(object)
    }
}

extension RunState {
    /// How a table paints it.
    var colour: Colour? {
        switch self {
        case .done: .green
        case .failed, .missed: .red
        case .parked, .skipped: .yellow
        case .queued, .running: nil
        }
    }
}
