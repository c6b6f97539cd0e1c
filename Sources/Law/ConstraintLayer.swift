// The seam between what is checked and who checks it: one layer of law.

/// The layers of law, strongest first.
public enum LawLayer: Int, Sendable, Hashable, Comparable, CaseIterable {
    /// Rights and hard constraints.
    case constitution = 1
    /// Rules above every application.
    case superior
    /// Rules of the application.
    case application
    /// Rules of the tenant.
    case tenant
    /// Settings of the user.
    case user

    /// Whether the left layer is the stronger one.
    public static func < (left: LawLayer, right: LawLayer) -> Bool { left.rawValue < right.rawValue }
}

/// Why a law gave no verdict.
public enum LawError: Error, Equatable, Sendable {
    /// The law could not be evaluated; `reason` is a code, never private text.
    case evaluationFailed(law: String, version: String, reason: String)
    /// The text of a law cannot be read.
    case syntax(LawFault)
    /// The fixtures of a law cannot be read; `place` says where.
    case fixturesMalformed(place: String)
    /// More laws than can be in force at once.
    case tooManyLaws(count: Int)
    /// Two laws of one name.
    case duplicateLaw(name: String)
}

/// One layer of law: it looks at a call and its facts and says what its laws say.
public protocol ConstraintLayer: Sendable {
    /// Its place among the layers.
    var layer: LawLayer { get }

    /// The verdicts of its laws on a call; none where no law speaks to it. An error is taken for a refusal.
    func evaluate(_ call: ProposedCall, _ facts: Facts) throws(LawError) -> [Verdict]
}
