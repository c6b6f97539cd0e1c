// Shell completion, generated from the specifications so that it cannot fall behind them.

/// The shells that completion is written for.
enum Shell: String, Sendable, CaseIterable {
    case bash, zsh, fish
}

/// One place of the command line: the words so far and what can follow them.
struct CompletionLevel: Sendable {
    /// The words joined by `/`; empty at the start.
    let path: String
    let command: CommandSpecification?
    let subcommands: [CommandSpecification]

    /// All options that can stand here.
    var options: [OptionSpecification] { (command?.options ?? []) + CommandSpecification.everywhere }
}

/// Writes the completion of a shell.
struct Completion: Sendable {
    let commands: [CommandSpecification]

    /// The completion of these commands, but for the hidden ones.
    init(commands: [CommandSpecification]) { self.commands = commands.filter { !$0.isHidden } }

    /// What gives the names of the residents, one a line; nothing where there is no home.
    static let residents = "sanctuary __complete residents 2>/dev/null"

    /// The script of a shell.
    func script(for shell: Shell) -> String {
        switch shell {
        case .bash: bash
        case .zsh: zsh
        case .fish: fish
        }
    }

    /// Every place, the start first.
    var levels: [CompletionLevel] {
        [CompletionLevel(path: "", command: nil, subcommands: commands)]
            + commands.flatMap { levels(of: $0, before: "") }
    }

    private func levels(of command: CommandSpecification, before: String) -> [CompletionLevel] {
        let path = before + command.name
        return [CompletionLevel(path: path, command: command, subcommands: command.subcommands)]
            + command.subcommands.flatMap { levels(of: $0, before: path + "/") }
    }

    /// The steps by which a path grows, as patterns of `case`: `/vault`, `vault/verify`.
    var steps: String {
        levels.dropFirst().map { $0.path.contains("/") ? $0.path : "/" + $0.path }.joined(separator: " | ")
    }

    /// Text inside single quotes of a shell of the Bourne family.
    func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }
}
