// One layer of laws in text, as the checker of calls asks it.
import Encoding

/// The laws in text of one layer.
public struct TextLayer: ConstraintLayer {
    /// Its place among the layers.
    public let layer: LawLayer
    private let laws: LawSet

    /// Makes the layer of laws; each must belong to it.
    public init(_ layer: LawLayer, _ laws: LawSet) { (self.layer, self.laws) = (layer, laws) }

    /// The layers that a set of laws makes: one for each layer that has any.
    public static func layers(of enacted: [(text: LawText, hash: String)]) throws(LawError) -> [TextLayer] {
        var layers: [TextLayer] = []
        for layer in LawLayer.allCases {
            let own = enacted.filter { $0.text.layer == layer }
            if !own.isEmpty { layers.append(TextLayer(layer, try LawSet(own))) }
        }
        return layers
    }

    /// How many days ahead a delay may look for room.
    private static let furthestDay = 366

    /// The verdicts of its laws on a call; a law that is pending says nothing.
    public func evaluate(_ call: ProposedCall, _ facts: Facts) throws(LawError) -> [Verdict] {
        let source = CallFacts(call: call, facts: facts)
        var verdicts: [Verdict] = []
        for (law, decision) in laws.decide(["tool", call.tool], source) {
            if let verdict = try verdict(of: law, decision, call, source) { verdicts.append(verdict) }
        }
        return verdicts
    }

    private func verdict(
        of law: ReadyLaw, _ decision: LawDecision, _ call: ProposedCall, _ source: CallFacts
    ) throws(LawError) -> Verdict? {
        guard let triage = decision.triage else { return nil }
        let composed = ActionComposition(decision.actions)
        var made = Verdict(
            decision: .permit, law: law.text.id.name, version: law.text.id.version.description, triage: triage,
            reason: ReasonCode(rawValue: composed.tag("reason") ?? (triage == .ok ? "permitted" : "by_law")))
        made.facts = publicFacts(of: law, call, source)
        if decision.isUndetermined, decision.actions.isEmpty {
            // A law that cannot be told and does not say what then: what cannot be checked is not done.
            made.decision = .deny
            made.reason = .undetermined
        } else {
            switch (composed.authorisation, composed.transition) {
            case (.deny, _), (nil, .terminate): made.decision = .deny
            case (.hold, _), (nil, .hold): made.decision = .hold(hours: composed.holdHours)
            case (.modify, _): made.decision = try changed(composed.changes, law, call, source)
            case (.permit, _), (nil, .accept), (nil, nil): made.decision = .permit
            }
        }
        if triage != .ok, let says = law.text.settings[.says] { made.explanation = says }
        if case .delay(let days) = made.decision {
            made.explanation +=
                (made.explanation.isEmpty ? "" : " ") + "It takes effect "
                + (days == 1 ? "tomorrow." : "in \(days) days.")
        }
        if call.residentTool == .selfDelete, made.decision != .permit { made.reason = .sealed }
        return made
    }

    private func changed(
        _ changes: [LawArgument], _ law: ReadyLaw, _ call: ProposedCall, _ source: CallFacts
    ) throws(LawError) -> Decision {
        if changes.contains(LawAction.nextDay) { return .delay(days: firstDayWithRoom(law, source)) }
        var arguments = call.arguments
        var table = SlotTable()
        for change in changes {
            let value = table.value(change.value)
            var slots = Slots(table.names, from: source)
            switch slots.value(value) {
            case .text(let text): arguments[change.key] = .string(text)
            case .truth(let truth): arguments[change.key] = .bool(truth)
            case .number(let millionths) where millionths % 1_000_000 == 0:
                arguments[change.key] = .integer(millionths / 1_000_000)
            default:
                throw .evaluationFailed(
                    law: law.text.id.name, version: law.text.id.version.description, reason: "modify_unknown")
            }
        }
        return .modify(arguments)
    }

    /// The first of the next days on which the law would not delay again.
    private func firstDayWithRoom(_ law: ReadyLaw, _ source: CallFacts) -> Int {
        var later = source
        for day in 1..<Self.furthestDay {
            later.daysAhead = day
            guard let decision = laws.decision(of: law.text.id.name, later),
                ActionComposition(decision.actions).changes.contains(LawAction.nextDay)
            else { return day }
        }
        return Self.furthestDay
    }

    /// What the law looked at and everybody may know, for the record beside the verdict.
    private func publicFacts(of law: ReadyLaw, _ call: ProposedCall, _ source: CallFacts) -> [String: String] {
        guard call.residentTool != .selfDelete else { return [:] }
        var found: [String: String] = [:]
        for name in law.publicNames where found.count < 12 {
            if let value = source.value(of: name) { found[name.description] = value.shown }
        }
        return found
    }
}
