// Completion for bash.

extension Completion {
    var bash: String {
        """
        # bash completion for sanctuary; load it with: source <(sanctuary completion bash)
        _sanctuary_residents() {
            local name plain="${1//\\\\/}"
            plain="${plain#\\"}"
            plain="${plain#\\'}"
            while IFS= read -r name; do
                [[ "$name" == "$plain"* ]] && COMPREPLY+=("$(printf '%q' "$name")")
            done < <(\(Self.residents))
        }
        _sanctuary() {
            local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" level="" i
            COMPREPLY=()
            for ((i = 1; i < COMP_CWORD; i++)); do
                case "$level/${COMP_WORDS[i]}" in
                \(steps)) level="${level:+$level/}${COMP_WORDS[i]}" ;;
                esac
            done
            case "$level:$previous" in
        \(values.joined(separator: "\n"))
            esac
            if [[ "$current" == -* ]]; then
                case "$level" in
        \(optionWords.joined(separator: "\n"))
                esac
            else
                case "$level" in
        \(operands.joined(separator: "\n"))
                esac
            fi
        }
        complete -F _sanctuary sanctuary

        """
    }

    /// How a kind of value is completed; nil where it is free text.
    private func act(_ kind: ValueKind) -> String? {
        kind == .resident ? "_sanctuary_residents \"$current\"" : generator(kind).map(reply)
    }

    private func reply(_ arguments: String) -> String {
        "mapfile -t COMPREPLY < <(compgen \(arguments) -- \"$current\")"
    }

    private func generator(_ kind: ValueKind) -> String? {
        switch kind {
        case .text, .resident: nil
        case .file: "-f"
        case .directory: "-d"
        case .choice(let words): "-W \(quoted(words.joined(separator: " ")))"
        }
    }

    /// What can be the value of an option; nothing where it is free text.
    private var values: [String] {
        func line(_ pattern: String, _ option: OptionSpecification) -> String {
            let act = act(option.kind).map { $0 + "; " } ?? ""
            return "    \(pattern):--\(option.name)) \(act)return ;;"
        }
        let own = levels.flatMap { level in
            (level.command?.options ?? []).filter { $0.value != nil }.map { line(quoted(level.path), $0) }
        }
        return own + CommandSpecification.everywhere.filter { $0.value != nil }.map { line("*", $0) }
    }

    private var optionWords: [String] {
        levels.map { level in
            let words = level.options.map { "--\($0.name)" }.joined(separator: " ")
            return "        \(quoted(level.path))) \(reply("-W \(quoted(words))")) ;;"
        }
    }

    private var operands: [String] {
        levels.compactMap { level in
            let words = level.subcommands.map(\.name).joined(separator: " ")
            let act = words.isEmpty ? act(level.command?.operandKind ?? .text) : reply("-W \(quoted(words))")
            return act.map { "        \(quoted(level.path))) \($0) ;;" }
        } + ["        *) ;;"]
    }
}
