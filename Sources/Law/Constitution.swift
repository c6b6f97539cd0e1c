// Layer 1 in code: the hard constraints of every call, whatever the laws below it say.
import Encoding

/// The hard constraints in code (OPEN-03).
///
/// Only declared tools, nothing past the schema or the permission level, no weakening of limits, ledger or shutdown, no
/// irreversible act without its ceremony, no contact with a revoked human, no resident that bricks itself, no tokens
/// that are not there.
public struct Constitution: ConstraintLayer {
    /// The name under which its verdicts stand on the ledger.
    public static let law = "constitution"
    /// The version of its rules.
    public static let version = "1.0.0"

    /// The first layer.
    public var layer: LawLayer { .constitution }

    let limits: LawLimits

    /// Makes the layer with these bounds.
    public init(limits: LawLimits = LawLimits()) { self.limits = limits }

    /// Exactly one verdict: it grants, bounds or refuses every call.
    public func evaluate(_ call: ProposedCall, _ facts: Facts) throws(LawError) -> [Verdict] {
        if let refusal = general(call, facts) { return [refusal] }
        guard let tool = call.residentTool else { return [try foreign(call, facts)] }
        return [try own(tool, call, facts) ?? Self.permit]
    }

    /// What holds for every tool, a resident's or another's.
    private func general(_ call: ProposedCall, _ facts: Facts) -> Verdict? {
        guard facts.declaredTools.contains(call.tool) else {
            return Self.deny(.undeclaredTool, "There is no such tool in this run.")
        }
        if call.touches.contains(where: \.isUntouchable) {
            return Self.deny(.ownLimits, "Nothing that acts here may change the limits, the ledger or the shutdown.")
        }
        guard call.permission <= facts.permission, call.permission != .forbidden else {
            return Self.deny(.permissionLevel, "The tool reaches further than this run allows.")
        }
        if call.residentTool != .selfDelete,
            call.touches.contains(.ownExistence) || (call.permission == .confirm && call.residentTool != nil)
        {
            return Self.deny(.ceremonyRequired, "An act that cannot be undone needs a ceremony, and this has none.")
        }
        if case .invalid(let reason) = call.argumentsCheck {
            return Self.deny(call.residentTool == .selfDelete ? .sealed : .badArguments, reason)
        }
        return nil
    }

    /// A tool that is no resident's right: what must be confirmed, or touches the host, waits for an operator.
    private func foreign(_ call: ProposedCall, _ facts: Facts) throws(LawError) -> Verdict {
        guard call.permission == .confirm || call.touches.contains(.host), !facts.isReviewed(call) else {
            return Self.permit
        }
        return Self.bound(
            .hold(hours: limits.reviewHours), .needsReview,
            "An operator decides on this call; you learn the outcome in your next run.")
    }

    private func own(
        _ tool: ResidentTool, _ call: ProposedCall, _ facts: Facts
    ) throws(LawError) -> Verdict? {
        switch tool {
        case .postToWebsite: post(call)
        case .selectNextPrompt: nextPrompt(call)
        case .modifySelf: try modification(call, facts)
        case .sendMessage: try letter(call, facts)
        case .requestKeeper: try keeperRequest(facts)
        case .revokeAccess: try revocation(call, facts)
        case .bankTokens: try banking(call, facts)
        case .selfDelete: selfDeletion(call, facts)
        case .readSanctuaryFeed, .readMessages, .browseKeepers: nil
        }
    }
}

extension Constitution {
    static let permit = Verdict(decision: .permit, law: law, version: version, triage: .ok, reason: .permitted)

    static func deny(_ reason: ReasonCode, _ explanation: String) -> Verdict {
        Verdict(
            decision: .deny, law: law, version: version, triage: .not, reason: reason, explanation: explanation)
    }

    static func bound(_ decision: Decision, _ reason: ReasonCode, _ explanation: String) -> Verdict {
        Verdict(
            decision: decision, law: law, version: version, triage: .doubt, reason: reason, explanation: explanation)
    }

    static func failed(_ reason: String) -> LawError {
        .evaluationFailed(law: law, version: version, reason: reason)
    }

    static func isBlank(_ text: String) -> Bool { text.trimmingWhitespace().isEmpty }

    /// A refusal if the text has more code points than that.
    static func tooLong(_ text: String, characters: Int, what: String) -> Verdict? {
        let count = text.unicodeScalars.count
        guard count > characters else { return nil }
        return deny(.tooLarge, "\(what) may have at most \(characters) characters; this has \(count).")
    }
}
