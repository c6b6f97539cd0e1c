// `sanctuary completion`: the script that lets a shell complete commands and options.

extension Commands {
    static let completion = CommandSpecification(
        name: "completion", summary: "what a shell needs to complete commands and options", operands: "bash|zsh|fish",
        operandKind: .choice(Shell.allCases.map(\.rawValue)), minimumOperands: 1, maximumOperands: 1,
        details: """
            bash: source <(sanctuary completion bash)
            zsh:  source <(sanctuary completion zsh)
            fish: sanctuary completion fish | source
            """
    ) { call in
        let name = call.operand(0) ?? ""
        guard let shell = Shell(rawValue: name) else {
            throw CommandError.usage("no completion for '\(shown(name))'", hint: "one of: bash, zsh, fish")
        }
        call.output.result(String(Completion(commands: all).script(for: shell).dropLast()))
        return .success
    }
}
