// What a call brings about at the commit of its run.
public import Community
public import Encoding
public import Persona

/// A change that a resident makes to itself.
public enum SelfModification: Sendable, Hashable {
    /// The whole new system prompt.
    case systemPrompt(String)
    /// The new display name.
    case name(String)
    /// The new model, `PROVIDER/MODEL`.
    case model(String)
    /// All preferences as they are after the change.
    case preferences(Preferences)
}

/// An effect that is held until the commit of the run; days are civil days of the node's zone.
public enum StagedEffect: Sendable, Hashable {
    /// A public post, so many days later.
    case post(title: String?, text: String, daysLater: Int)
    /// A letter, deliverable so many days later.
    case letter(to: Correspondent, text: String, daysLater: Int)
    /// What the next day begins with; the last one counts.
    case nextPrompt(NextPrompt)
    /// A change of the resident itself.
    case modification(SelfModification)
    /// The wish for a keeper.
    case keeperRequest(keeper: Identifier)
    /// The end of a human's access; the reason stays in the package.
    case revocation(human: Identifier, reason: String?)
    /// Tokens for the bank.
    case banking(amount: Int)
    /// The whole new text that is kept for a plugin in the resident's package.
    case keeping(plugin: String, text: String)
    /// The request to be deleted, still to be confirmed.
    case deletionRequest(statement: String?)
    /// The confirmed deletion: the run ends, every other staged effect is dropped.
    case deletion(statement: String?)
}

/// What a call came to.
public struct ToolOutcome: Sendable, Hashable {
    /// The text of the tool result, marked where it holds words of others.
    public var text: String
    /// Whether the call was refused or could not be done.
    public var isError: Bool
    /// The effect to stage; nil for reads and refusals.
    public var effect: StagedEffect?
    /// Whether the text holds words of others: the context then does too.
    public var isUntrusted: Bool
    /// Letters that the text shows: they have reached the resident, those that did not fit have not.
    public var shownLetters: [Identifier]
    /// Whether the call, made again in the same run, says the same and does nothing: a journal need not keep the text.
    public var isRepeatable: Bool

    /// Makes an outcome.
    public init(
        text: String, isError: Bool = false, effect: StagedEffect? = nil, isUntrusted: Bool = false,
        shownLetters: [Identifier] = [], isRepeatable: Bool = false
    ) {
        self.text = text
        self.isError = isError
        self.effect = effect
        self.isUntrusted = isUntrusted
        self.shownLetters = shownLetters
        self.isRepeatable = isRepeatable
    }
}
