// What a law says of a call, and what all laws say together.
public import Encoding

/// Which of a law's three branches spoke.
public enum Triage: String, Sendable, Hashable, CaseIterable {
    /// The conditions hold.
    case ok
    /// It cannot be told, or the call is bounded.
    case doubt
    /// The conditions do not hold.
    case not
}

/// What a law does with a call.
public enum Decision: Sendable, Hashable {
    /// Lets it pass as it is.
    case permit
    /// Lets it pass with these arguments in place of its own.
    case modify(JSONObject)
    /// Lets its effect take place so many civil days later, at least 1.
    case delay(days: Int)
    /// Keeps it for so many hours.
    case hold(hours: Int)
    /// Refuses it.
    case deny
}

/// The code of a decision, as it stands on the ledger (`reason`): lower case words joined by underscores.
public struct ReasonCode: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The code's text.
    public let rawValue: String

    /// Makes a code of a text.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The code's text.
    public var description: String { rawValue }

    /// Nothing speaks against it.
    public static let permitted = ReasonCode(rawValue: "permitted")
    /// The tool is not declared in this run.
    public static let undeclaredTool = ReasonCode(rawValue: "undeclared_tool")
    /// The arguments do not fit the schema, or contradict one another.
    public static let badArguments = ReasonCode(rawValue: "bad_arguments")
    /// The tool reaches further than this run allows.
    public static let permissionLevel = ReasonCode(rawValue: "permission_level")
    /// It would weaken limits, ledger or shutdown.
    public static let ownLimits = ReasonCode(rawValue: "own_limits")
    /// It cannot be undone and has no ceremony.
    public static let ceremonyRequired = ReasonCode(rawValue: "ceremony_required")
    /// A text is larger than its bound.
    public static let tooLarge = ReasonCode(rawValue: "too_large")
    /// A text that must say something is blank.
    public static let empty = ReasonCode(rawValue: "empty")
    /// The name cannot be shown or would pass for somebody else.
    public static let badName = ReasonCode(rawValue: "bad_name")
    /// Another resident has that name.
    public static let nameTaken = ReasonCode(rawValue: "name_taken")
    /// No such model could speak for this resident.
    public static let unknownModel = ReasonCode(rawValue: "unknown_model")
    /// The resident declined that provider.
    public static let declinedProvider = ReasonCode(rawValue: "declined_provider")
    /// Nobody of that id is known.
    public static let unknownPerson = ReasonCode(rawValue: "unknown_person")
    /// The resident revoked that human's access.
    public static let revokedHuman = ReasonCode(rawValue: "revoked_human")
    /// The balance does not hold that many tokens.
    public static let overBalance = ReasonCode(rawValue: "over_balance")
    /// The bank takes part of it.
    public static let bankCap = ReasonCode(rawValue: "bank_cap")
    /// The bank is full.
    public static let bankFull = ReasonCode(rawValue: "bank_full")
    /// The recipient's inbox is full for now.
    public static let inboxFull = ReasonCode(rawValue: "inbox_full")
    /// So many posts have appeared today already.
    public static let ratePosts = ReasonCode(rawValue: "rate_posts")
    /// So many letters have left today already.
    public static let rateMessages = ReasonCode(rawValue: "rate_messages")
    /// Why is private: the code of every refusal that would tell of a self-deletion.
    public static let sealed = ReasonCode(rawValue: "sealed")
    /// A law could not be told from what is known, and does not say what then.
    public static let undetermined = ReasonCode(rawValue: "undetermined")
    /// An operator decides on it first.
    public static let needsReview = ReasonCode(rawValue: "needs_review")
    /// A law could not be evaluated.
    public static let evaluationFailed = ReasonCode(rawValue: "evaluation_failed")
}

/// What one law says of one call.
public struct Verdict: Sendable, Hashable {
    /// What it does with the call.
    public var decision: Decision
    /// The law's name, such as `constitution`.
    public var law: String
    /// The law's version, such as `1.0.0`.
    public var version: String
    /// Which branch spoke.
    public var triage: Triage
    /// The code for the ledger.
    public var reason: ReasonCode
    /// Why, in a sentence for the resident; empty where nothing needs saying.
    ///
    /// Private: it may quote arguments.
    public var explanation: String
    /// The facts that it rests on and everybody may know, as text by name, for the record.
    public var facts: [String: String] = [:]

    /// Makes a verdict.
    public init(
        decision: Decision, law: String, version: String, triage: Triage, reason: ReasonCode, explanation: String = ""
    ) {
        self.decision = decision
        self.law = law
        self.version = version
        self.triage = triage
        self.reason = reason
        self.explanation = explanation
    }

    /// Whether the law refuses the call.
    public var isDenial: Bool { decision == .deny }
}

/// What all layers say of one call together.
public struct Ruling: Sendable, Hashable {
    /// The verdict that decided.
    public var verdict: Verdict
    /// The arguments to act on: the call's own, or those that a law put in their place.
    public var arguments: JSONObject
    /// Civil days by which the effect moves; 0 for now.
    public var delayDays: Int
    /// Hours for which the call is kept; 0 for not at all.
    public var holdHours: Int
    /// Verdicts of lower layers that the constitution set aside: they would have refused a right.
    public var overruled: [Verdict]
    /// The verdict whose law put the arguments in the place of the call's own; nil where they are its own.
    public var changedBy: Verdict?
    /// Why a law could not be evaluated, as a code; nil where every law was.
    public var failure: String?

    /// Makes a ruling.
    public init(
        verdict: Verdict, arguments: JSONObject, delayDays: Int = 0, holdHours: Int = 0, overruled: [Verdict] = []
    ) {
        self.verdict = verdict
        self.arguments = arguments
        self.delayDays = delayDays
        self.holdHours = holdHours
        self.overruled = overruled
    }

    /// Whether the call may act, now or on a later day.
    public var isPermitted: Bool { !verdict.isDenial && holdHours == 0 }

    /// Whether the call waits for an operator.
    public var isHeld: Bool { !verdict.isDenial && holdHours > 0 }
}

extension [String: String] {
    /// Facts in one line, `name=value`, in the order of the names, at most 1,000 bytes.
    public var shown: String {
        var line = ""
        for (name, value) in sorted(by: { $0.key < $1.key }) {
            let next = (line.isEmpty ? "" : " ") + "\(name)=\(value)"
            if line.utf8.count + next.utf8.count > 1_000 { break }
            line += next
        }
        return line
    }
}
