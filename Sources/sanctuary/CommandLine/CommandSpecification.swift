// What a command takes and does: words, options, operands and the act, shared by parser, help and completion.

/// What a value is, for completion.
enum ValueKind: Sendable, Equatable {
    /// Anything.
    case text
    /// The path of a file.
    case file
    /// The path of a directory.
    case directory
    /// One of these words.
    case choice([String])
    /// A resident of the home, by name.
    case resident
}

/// One option of a command.
struct OptionSpecification: Sendable {
    let name: String
    /// What stands for its value in the help; nil for a flag.
    let value: String?
    let summary: String
    var kind = ValueKind.text
    /// Whether all operands that follow it belong to it (`--only R...`).
    var isRepeated = false

    static func flag(_ name: String, _ summary: String) -> OptionSpecification {
        OptionSpecification(name: name, value: nil, summary: summary)
    }

    static func value(
        _ name: String, _ value: String, _ summary: String, kind: ValueKind = .text
    ) -> OptionSpecification {
        OptionSpecification(name: name, value: value, summary: summary, kind: kind)
    }

    static func list(
        _ name: String, _ value: String, _ summary: String, kind: ValueKind = .text
    ) -> OptionSpecification {
        OptionSpecification(name: name, value: value, summary: summary, kind: kind, isRepeated: true)
    }
}

/// One command, or one word of a command that has several (`vault verify`).
struct CommandSpecification: Sendable {
    let name: String
    let summary: String
    /// How the operands are written in the help, such as `RESIDENT [FILE]`.
    var operands = ""
    var operandKind = ValueKind.text
    var minimumOperands = 0
    var maximumOperands = 0
    var options: [OptionSpecification] = []
    /// What the help says beyond the summary.
    var details = ""
    var subcommands: [CommandSpecification] = []
    /// Whether neither help nor completion tells of it: it is for the completion itself.
    var isHidden = false
    /// Whether a first Ctrl-C lets it end by itself instead of ending it.
    var stopsGently = false
    /// Whether a SIGHUP lets it read its settings again instead of ending it.
    var reloads = false
    /// What the command does, also where more words could follow; nil where one more word is needed.
    var act: (@Sendable (Invocation) async throws -> ExitCode)?

    /// As many operands as are given.
    static let unlimited = Int.max

    /// Taken by every command.
    static let everywhere: [OptionSpecification] = [
        .value(
            "home", "DIR",
            "the home (else $SANCTUARY_HOME, else $XDG_DATA_HOME/sanctuary, else ~/.local/share/sanctuary)",
            kind: .directory),
        .flag("json", "one JSON document on standard output, or one object a line"),
        .flag("quiet", "no progress and no notes"),
        .flag("no-color", "no colours"),
        .flag("help", "show this"),
        .flag("version", "show the version"),
    ]

    /// The command of these words below a list of commands.
    static func find(_ words: [String], in commands: [CommandSpecification]) -> CommandSpecification? {
        guard let first = words.first, let command = commands.first(where: { $0.name == first }) else { return nil }
        return words.count == 1 ? command : find(Array(words.dropFirst()), in: command.subcommands)
    }
}
