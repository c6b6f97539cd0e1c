// The text of --help, made from the specifications.

/// Writes the help of the program and of each command.
struct Help: Sendable {
    let commands: [CommandSpecification]

    /// The help of the command of these words; of the program where there are none.
    func text(for words: [String]) -> String {
        guard let command = CommandSpecification.find(words, in: commands) else { return program }
        return text(of: command, words: words)
    }

    private var program: String {
        """
        sanctuary: a home for AI personas, sealed at rest, with one guaranteed run a night and a signed record

        usage: sanctuary COMMAND [OPTION...]

        commands:
        \(columns(commands.filter { !$0.isHidden }.flatMap { row(of: $0, before: "") }))

        options of every command:
        \(columns(CommandSpecification.everywhere.map(row)))

        'sanctuary COMMAND --help' says more. To begin: 'sanctuary init', 'sanctuary admit FILE', 'sanctuary nightly'.

        """
    }

    /// A command's line, or one line for each of its words.
    private func row(of command: CommandSpecification, before: String) -> [(String, String)] {
        let name = before + command.name
        let below = command.subcommands.flatMap { row(of: $0, before: name + " ") }
        guard below.isEmpty || command.act != nil else { return below }
        return [(([name] + [command.operands]).filter { !$0.isEmpty }.joined(separator: " "), command.summary)] + below
    }

    private func row(_ option: OptionSpecification) -> (String, String) {
        let value = option.value.map { " \($0)\(option.isRepeated ? "..." : "")" } ?? ""
        return ("--\(option.name)\(value)", option.summary)
    }

    private func text(of command: CommandSpecification, words: [String]) -> String {
        let name = words.joined(separator: " ")
        var parts: [String] = []
        if command.subcommands.isEmpty {
            let operands = command.operands.isEmpty ? "" : " \(command.operands)"
            parts.append("usage: sanctuary \(name)\(operands)\(command.options.isEmpty ? "" : " [OPTION...]")")
            parts.append(command.summary)
        } else {
            let word = command.act == nil ? "COMMAND" : "[COMMAND]"
            parts.append("usage: sanctuary \(name) \(word) [OPTION...]")
            parts.append(command.summary)
            parts.append("commands:\n" + columns(command.subcommands.flatMap { row(of: $0, before: name + " ") }))
        }
        if !command.details.isEmpty { parts.append(command.details) }
        if !command.options.isEmpty { parts.append("options:\n" + columns(command.options.map(row))) }
        parts.append("options of every command:\n" + columns(CommandSpecification.everywhere.map(row)))
        return parts.joined(separator: "\n\n") + "\n"
    }

    /// Two columns; a left side that is too long gets a line of its own.
    private func columns(_ rows: [(String, String)]) -> String {
        let limit = 34
        let width = rows.map(\.0.count).filter { $0 <= limit }.max() ?? 0
        return rows.map { left, right in
            let head = "  " + left
            guard left.count <= width else { return head + "\n" + String(repeating: " ", count: width + 4) + right }
            return head + String(repeating: " ", count: width - left.count + 2) + right
        }.joined(separator: "\n")
    }
}
