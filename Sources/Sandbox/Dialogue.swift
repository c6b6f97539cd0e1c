// Who speaks with a program: values that are told what it wrote and say what to write.

/// The house's side of a conversation with a program: a state machine that never waits itself.
public protocol Dialogue: Sendable {
    /// The program is about to run.
    mutating func begin() -> DialogueStep
    /// The program wrote this on its standard output.
    mutating func receive(_ bytes: ArraySlice<UInt8>) -> DialogueStep
    /// The patience of an earlier step is at its end.
    mutating func runOutOfPatience() -> DialogueStep
}

/// What a speaker does next.
public struct DialogueStep: Sendable, Hashable {
    /// What to write on the program's standard input.
    public var send: [UInt8]
    /// Whether standard input ends behind it.
    public var endsInput: Bool
    /// Whether all is said: the program is given a moment to end by itself, then killed.
    public var isOver: Bool
    /// After how many milliseconds to ask again; nil leaves what was said before.
    public var patience: Int?

    /// Describes a step; by default there is nothing to do.
    public init(send: [UInt8] = [], endsInput: Bool = false, isOver: Bool = false, patience: Int? = nil) {
        self.send = send
        self.endsInput = endsInput
        self.isOver = isOver
        self.patience = patience
    }
}

/// One text in, and whatever the program writes until it ends.
public struct Letter: Dialogue {
    private let text: [UInt8]

    /// A conversation of one text.
    public init(_ text: [UInt8] = []) { self.text = text }

    /// Sends the text and ends the input.
    public mutating func begin() -> DialogueStep { DialogueStep(send: text, endsInput: true) }

    /// Says nothing more.
    public mutating func receive(_ bytes: ArraySlice<UInt8>) -> DialogueStep { DialogueStep() }

    /// Never happens: a letter has no patience.
    public mutating func runOutOfPatience() -> DialogueStep { DialogueStep() }
}
