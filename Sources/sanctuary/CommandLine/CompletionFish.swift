// Completion for fish.

extension Completion {
    var fish: String {
        """
        # fish completion for sanctuary; load it with: sanctuary completion fish | source
        function __sanctuary_level
            set -l level
            for word in (commandline -opc)[2..]
                switch "$level/$word"
                    case \(steps.split(separator: " | ").map { "'\($0)'" }.joined(separator: " "))
                        set level (string join / $level $word)
                end
            end
            echo "$level"
        end
        complete -c sanctuary -f
        \(lines.joined(separator: "\n"))

        """
    }

    private var lines: [String] {
        CommandSpecification.everywhere.map { option($0, at: nil) }
            + levels.flatMap { level in
                level.subcommands.map { sub in
                    "complete -c sanctuary \(condition(level.path)) -a \(sub.name) -d \(fishQuoted(sub.summary))"
                } + operand(of: level) + (level.command?.options ?? []).map { option($0, at: level.path) }
            }
    }

    private func condition(_ path: String) -> String { "-n 'test (__sanctuary_level) = \"\(path)\"'" }

    /// fish knows two escapes inside single quotes.
    private func fishQuoted(_ text: String) -> String {
        "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }

    private func operand(of level: CompletionLevel) -> [String] {
        switch level.command?.operandKind {
        case .file: ["complete -c sanctuary \(condition(level.path)) -F"]
        case .directory: ["complete -c sanctuary \(condition(level.path)) -a '(__fish_complete_directories)'"]
        case .choice(let words): ["complete -c sanctuary \(condition(level.path)) -a '\(words.joined(separator: " "))'"]
        case .resident: ["complete -c sanctuary \(condition(level.path)) -a '(\(Self.residents))'"]
        case .text, nil: []
        }
    }

    private func option(_ option: OptionSpecification, at path: String?) -> String {
        var parts = ["complete -c sanctuary"]
        if let path { parts.append(condition(path)) }
        parts.append("-l \(option.name) -d \(fishQuoted(option.summary))")
        if option.value != nil {
            switch option.kind {
            case .text: parts.append("-x")
            case .resident: parts.append("-x -a '(\(Self.residents))'")
            case .file: parts.append("-r -F")
            case .directory: parts.append("-x -a '(__fish_complete_directories)'")
            case .choice(let words): parts.append("-x -a '\(words.joined(separator: " "))'")
            }
        }
        return parts.joined(separator: " ")
    }
}
