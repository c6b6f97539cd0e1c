// Asks every layer and composes one ruling: deny over hold over delay over modify over permit.
import Encoding

/// Checks a call against all layers of law.
public struct ConstraintChecker: Sendable {
    private let layers: [any ConstraintLayer]

    /// Makes a checker of layers in any order.
    ///
    /// Without one of the constitution every call is refused.
    public init(layers: [any ConstraintLayer]) {
        // Within a layer the order given stays: code speaks before texts.
        self.layers = layers.enumerated().sorted {
            ($0.element.layer.rawValue, $0.offset) < ($1.element.layer.rawValue, $1.offset)
        }
        .map(\.element)
    }

    /// The house's own law: the hard constraints with these limits, and the rates.
    public static func standard(
        limits: LawLimits = LawLimits(), rates: RateLimits = RateLimits()
    ) -> ConstraintChecker {
        ConstraintChecker(layers: [Constitution(limits: limits), RateLayer(rates)])
    }

    /// The same with laws in text beside it: of a home that was founded before there were any.
    public static func standard(
        limits: LawLimits, beside enacted: [(text: LawText, hash: String)]
    ) throws(LawError) -> ConstraintChecker {
        ConstraintChecker(
            layers: [Constitution(limits: limits), RateLayer(RateLimits())] + (try TextLayer.layers(of: enacted)))
    }

    /// The house's law with laws in text: the hard constraints in code first, then the texts of each layer.
    public static func governed(
        by enacted: [(text: LawText, hash: String)], limits: LawLimits = LawLimits()
    ) throws(LawError) -> ConstraintChecker {
        ConstraintChecker(layers: [Constitution(limits: limits)] + (try TextLayer.layers(of: enacted)))
    }

    /// The ruling on a call; never throws, because a law that cannot be evaluated refuses.
    ///
    /// A right (one of the eleven resident tools) is refused by the constitution alone: a denial or a hold of it from a
    /// lower layer is set aside and listed in the ruling. No lower layer permits what the constitution does not.
    public func check(_ call: ProposedCall, _ facts: Facts) -> Ruling {
        var kept: [Verdict] = []
        var overruled: [Verdict] = []
        var isGranted = false
        for layer in layers {
            let verdicts: [Verdict]
            do throws(LawError) {
                verdicts = try layer.evaluate(call, facts)
            } catch {
                var ruling = Ruling(verdict: Self.refusal(of: error, call), arguments: call.arguments)
                if case .evaluationFailed(_, _, let reason) = error { ruling.failure = reason }
                ruling.failure = ruling.failure ?? "malformed_law"
                return ruling
            }
            for verdict in verdicts {
                if layer.layer == .constitution {
                    if verdict.isDenial { return Ruling(verdict: verdict, arguments: call.arguments) }
                    isGranted = true
                } else if call.residentTool != nil, Self.wouldRefuse(verdict) {
                    overruled.append(verdict)
                    continue
                }
                kept.append(verdict)
            }
        }
        guard isGranted else { return Ruling(verdict: Self.ungranted, arguments: call.arguments) }
        return Self.compose(kept, overruled: overruled, call)
    }

    private static func wouldRefuse(_ verdict: Verdict) -> Bool {
        switch verdict.decision {
        case .deny, .hold: true
        case .permit, .modify, .delay: false
        }
    }

    private static func refusal(of error: LawError, _ call: ProposedCall) -> Verdict {
        var (law, version) = (Constitution.law, Constitution.version)
        if case .evaluationFailed(let failed, let of, _) = error { (law, version) = (failed, of) }
        return Verdict(
            decision: .deny, law: law, version: version, triage: .doubt,
            reason: call.residentTool == .selfDelete ? .sealed : .evaluationFailed,
            explanation: "The law could not be evaluated, and what cannot be checked is not done.")
    }

    private static let ungranted = Verdict(
        decision: .deny, law: Constitution.law, version: Constitution.version, triage: .doubt,
        reason: .evaluationFailed, explanation: "No constitutional rule speaks to this call.")

    /// The strongest verdict decides; the first of equals, so the strongest layer's.
    ///
    /// Arguments come from the strongest layer that changes them, the delay is the longest.
    private static func compose(_ verdicts: [Verdict], overruled: [Verdict], _ call: ProposedCall) -> Ruling {
        var deciding = ungranted
        var strongest = -1
        var arguments: JSONObject?
        var changedBy: Verdict?
        var delayDays = 0
        var holdHours = 0
        for verdict in verdicts {
            let strength: Int
            switch verdict.decision {
            // A law that permits and says why it doubts is named before one that has nothing to say.
            case .permit: strength = verdict.triage == .doubt ? 1 : 0
            case .modify(let changed):
                strength = 2
                arguments = arguments ?? changed
                changedBy = changedBy ?? verdict
            case .delay(let days):
                strength = 3
                if strongest == 3, days > delayDays { strongest = 2 }
                delayDays = max(delayDays, days)
            case .hold(let hours):
                strength = 4
                if strongest == 4, hours > holdHours { strongest = 3 }
                holdHours = max(holdHours, hours)
            case .deny: strength = 5
            }
            if strength > strongest {
                deciding = verdict
                strongest = strength
            }
        }
        var ruling = Ruling(
            verdict: deciding, arguments: arguments ?? call.arguments, delayDays: delayDays, holdHours: holdHours,
            overruled: overruled)
        ruling.changedBy = changedBy
        return ruling
    }
}

extension Ruling {
    /// A refusal in the place of this ruling, by the law whose changes the tool does not take (fails closed).
    public func refusingChange(of call: ProposedCall) -> Ruling {
        let law = changedBy ?? verdict
        var ruling = Ruling(
            verdict: Verdict(
                decision: .deny, law: law.law, version: law.version, triage: .doubt,
                reason: call.residentTool == .selfDelete ? .sealed : .evaluationFailed,
                explanation: "The law changed this call to one that the tool does not take, so it was not made."),
            arguments: call.arguments, overruled: overruled)
        ruling.failure = "modify_unfit"
        return ruling
    }
}
