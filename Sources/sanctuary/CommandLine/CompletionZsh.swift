// Completion for zsh.

extension Completion {
    var zsh: String {
        """
        #compdef sanctuary
        # zsh completion for sanctuary; load it with: source <(sanctuary completion zsh)
        _sanctuary() {
            local level="" i
            local -a entries
            for ((i = 2; i < CURRENT; i++)); do
                case "$level/$words[i]" in
                \(zshSteps)) level="${level:+$level/}$words[i]" ;;
                esac
            done
            case "$level:$words[CURRENT-1]" in
        \(values.joined(separator: "\n"))
            esac
            if [[ "$words[CURRENT]" == -* ]]; then
                case "$level" in
        \(optionEntries.joined(separator: "\n"))
                esac
                _describe -o option entries
            else
                case "$level" in
        \(operands.joined(separator: "\n"))
                esac
            fi
        }
        if [[ "$funcstack[1]" == _sanctuary ]]; then _sanctuary "$@"; else compdef _sanctuary sanctuary; fi

        """
    }

    private var zshSteps: String { "(" + steps.replacing(" | ", with: "|") }

    private func entries(_ rows: [(String, String)]) -> String {
        "entries=(" + rows.map { quoted("\($0.0):\($0.1.replacing(":", with: "\\:"))") }.joined(separator: " ") + ")"
    }

    private func generator(_ kind: ValueKind) -> String? {
        switch kind {
        case .text: nil
        case .file: "_files"
        case .directory: "_files -/"
        case .resident: "compadd -- ${(f)\"$(\(Self.residents))\"}"
        case .choice(let words): "compadd -- \(words.joined(separator: " "))"
        }
    }

    private var values: [String] {
        func line(_ pattern: String, _ option: OptionSpecification) -> String {
            let act = generator(option.kind).map { $0 + "; " } ?? ""
            return "    \(pattern):--\(option.name)) \(act)return ;;"
        }
        let own = levels.flatMap { level in
            (level.command?.options ?? []).filter { $0.value != nil }.map { line(quoted(level.path), $0) }
        }
        return own + CommandSpecification.everywhere.filter { $0.value != nil }.map { line("*", $0) }
    }

    private var optionEntries: [String] {
        levels.map { level in
            "        \(quoted(level.path))) \(entries(level.options.map { ("--\($0.name)", $0.summary) })) ;;"
        }
    }

    private var operands: [String] {
        levels.compactMap { level in
            let rows = level.subcommands.map { ($0.name, $0.summary) }
            let act =
                rows.isEmpty
                ? generator(level.command?.operandKind ?? .text) : "\(entries(rows)); _describe command entries"
            return act.map { "        \(quoted(level.path))) \($0) ;;" }
        }
    }
}
