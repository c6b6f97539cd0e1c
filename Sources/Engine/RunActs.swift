// What a reply asks for: each call judged by law, performed or refused, recorded, and its effect staged.
import Encoding
import Law
import Ledger
import Providers
import Tools
import Vault

extension RunSession {
    /// Acts on the calls of one reply and appends their results as the next turn.
    func act(on reply: Reply, round: Int) async throws {
        let uses = reply.toolUses
        // A turn that had to conclude gets nothing done, whatever its provider let it ask for.
        let limit = conversation.toolUseAllowed ? engine.settings.maximumToolCallsPerTurn : 0
        var steps: [SealedStep] = []
        var results: [Block] = []
        for (index, use) in uses.enumerated() {
            let number = index + 1
            let outcome: ToolOutcome
            if let recorded = try journal.outcome(round: round, call: number) {
                outcome =
                    recorded.outcome.isRepeatable
                    ? tools.perform(tools.judge(use, in: context), in: context) : recorded.outcome
                if let span = recorded.span { deletionSpan = span }
                note(use, outcome, round: round, call: number, isRefused: recorded.isRefused)
                if !recorded.isRefused, !review.approved.isEmpty { useApproval(of: tools.judge(use, in: context)) }
            } else if number > limit {
                outcome = ToolOutcome(text: Self.tooMany(limit), isError: true)
                pending.append(refusal(use, round: round, call: number))
                note(use, outcome, round: round, call: number, isRefused: true)
                let keys = try keys()
                steps.append(try journal.seal(outcome, round: round, call: number, isRefused: true, keys: keys))
            } else {
                let judged = tools.judge(use, in: context)
                if let offer = judged.plugin, judged.ruling.isPermitted {
                    outcome = try await self.call(judged, of: offer, use, round: round, call: number, after: &steps)
                } else {
                    outcome = try perform(judged, use, round: round, call: number, keys: try keys(), into: &steps)
                }
            }
            if let effect = outcome.effect { context.stage(effect) }
            if outcome.isUntrusted { context.run.hasOutsideContent = true }
            results.append(.toolResult(id: use.id, content: outcome.text, isError: outcome.isError))
        }
        // They become durable with the intent of the next request, or with whatever ends the run: until then nobody
        // was told of them, and a worker that takes over comes to the same.
        unwritten += steps
        if uses.count > limit {
            conversation.toolUseAllowed = false
            results.append(.text("Conclude now, in words, without any further tool call."))
        }
        try say(Turn(role: .user, blocks: results))
    }

    private static func tooMany(_ limit: Int) -> String {
        limit == 0
            ? "Not done: this turn was to conclude without tools."
            : "Not done: at most \(limit) calls in one turn. The calls before this one were done."
    }

    /// Performs one judged call where it may be, and records the verdict.
    private func perform(
        _ judged: JudgedCall, _ use: ToolUse, round: Int, call: Int, keys: ResidentKeys, into steps: inout [SealedStep]
    ) throws -> ToolOutcome {
        let isHeld = judged.ruling.isHeld
        let outcome =
            isHeld ? try hold(judged, round: round, call: call) : tools.perform(judged, in: context)
        if judged.ruling.isPermitted { useApproval(of: judged) }
        let verdict = judged.ruling.verdict
        let isRefused = !judged.ruling.isPermitted || (outcome.isError && outcome.effect == nil)
        let id = house.surroundings.identifiers.next()
        var fields: JSONObject = ["arguments": .object(judged.ruling.arguments)]
        if judged.isNameSealed { fields["tool"] = .string(use.name) }
        if !verdict.explanation.isEmpty { fields["explanation"] = .string(verdict.explanation) }
        let overruled = judged.ruling.overruled.map { JSON.string("\($0.law):\($0.version)") }
        if !overruled.isEmpty { fields["overruled"] = .array(overruled) }
        var draft = verdictSpan(
            isRefused ? .toolRefused : .toolCalled, this: judged.nameOnLedger, verdict: verdict, round: round,
            call: call, id: id)
        draft.sealed = try sealedFields(fields, of: id, keys: keys)
        pending.append(draft)
        if let violation = violation(judged) { pending.append(violation) }
        var span: Identifier?
        if case .deletionRequest = outcome.effect {
            deletionSpan = id
            span = id
        }
        steps.append(
            try journal.seal(outcome, round: round, call: call, isRefused: isRefused, span: span, keys: keys))
        note(use, outcome, round: round, call: call, isRefused: isRefused)
        return outcome
    }

    /// The span of a call that the law permits, with its arguments sealed.
    func permitted(_ judged: JudgedCall, round: Int, call: Int, keys: ResidentKeys) throws -> SpanDraft {
        let id = house.surroundings.identifiers.next()
        var draft = verdictSpan(
            .toolCalled, this: judged.nameOnLedger, verdict: judged.ruling.verdict, round: round, call: call, id: id)
        draft.sealed = try sealedFields(["arguments": .object(judged.ruling.arguments)], of: id, keys: keys)
        return draft
    }

    func note(_ use: ToolUse, _ outcome: ToolOutcome, round: Int, call: Int, isRefused: Bool) {
        if isRefused { refused += 1 }
        calls.append(SettledCall(name: use.name, outcome: outcome, round: round, call: call, isRefused: isRefused))
    }

    private func refusal(_ use: ToolUse, round: Int, call: Int) -> SpanDraft {
        let verdict = Verdict(
            decision: .deny, law: Constitution.law, version: Constitution.version, triage: .not,
            reason: ReasonCode(rawValue: "too_many_calls"))
        return verdictSpan(
            .toolRefused,
            this: ResidentTool(rawValue: use.name).map { $0 == .selfDelete ? "sealed" : $0.rawValue }
                ?? "undeclared", verdict: verdict, round: round, call: call,
            id: house.surroundings.identifiers.next())
    }

    func verdictSpan(
        _ type: EntityType, this: String, verdict: Verdict, round: Int, call: Int, id: Identifier
    ) -> SpanDraft {
        var metadata: JSONObject = [
            "round": .integer(Int64(round)), "call": .integer(Int64(call)),
            "law": .string("\(verdict.law):\(verdict.version)"), "triage": .string(verdict.triage.rawValue),
            "reason": .string(verdict.reason.rawValue),
        ]
        if !verdict.facts.isEmpty { metadata["facts"] = .string(verdict.facts.shown) }
        return span(type, who: .law, this: this, metadata: metadata, id: id)
    }

    /// A law that could not be evaluated refused the call: a violation of the constraint to check everything.
    func violation(_ judged: JudgedCall) -> SpanDraft? {
        guard let failure = judged.ruling.failure else { return nil }
        let law = "\(judged.ruling.verdict.law):\(judged.ruling.verdict.version)"
        return span(
            .incident, who: .law, this: resident.description,
            metadata: [
                "kind": .string("constraint_violation"), "expected": .string("a decision of \(law)"),
                "found": .string(failure),
            ])
    }
}

extension Journal {
    /// Journals what a call came to; of a reading that can be had again only that there was one.
    mutating func seal(
        _ outcome: ToolOutcome, round: Int, call: Int, isRefused: Bool, span: Identifier? = nil, keys: ResidentKeys
    ) throws -> SealedStep {
        var content: JSONObject = ["error": .bool(outcome.isError), "untrusted": .bool(outcome.isUntrusted)]
        if !outcome.isRepeatable { content["text"] = .string(outcome.text) }
        if let effect = outcome.effect { content["effect"] = effect.json }
        if !outcome.shownLetters.isEmpty {
            content["letters"] = .array(outcome.shownLetters.map { .string($0.description) })
        }
        if let span { content["span"] = .string(span.description) }
        return try seal(
            "tool.\(isRefused ? "denial" : "result")/\(round)/\(call)", .object(content), keys: keys)
    }

    /// What a call already came to.
    func outcome(
        round: Int, call: Int
    ) throws -> (outcome: ToolOutcome, isRefused: Bool, span: Identifier?)? {
        for (word, isRefused) in [("result", false), ("denial", true)] {
            guard let step = last("tool.\(word)/\(round)/\(call)") else { continue }
            guard let isError = step["error"]?.bool, let isUntrusted = step["untrusted"]?.bool
            else { throw EngineError.journalBroken(run: run, step: steps.count) }
            let effect = try step["effect"].map { try StagedEffect(json: $0) }
            let letters = step["letters"]?.array?.compactMap { $0.string.flatMap { Identifier($0) } } ?? []
            let text = step["text"]?.string
            let outcome = ToolOutcome(
                text: text ?? "", isError: isError, effect: effect, isUntrusted: isUntrusted, shownLetters: letters,
                isRepeatable: text == nil)
            return (outcome, isRefused, step["span"]?.string.flatMap { Identifier($0) })
        }
        return nil
    }
}
