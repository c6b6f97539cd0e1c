// `sanctuary completion`: the script that lets a shell complete commands and options.
import Community
import Engine

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

    /// What the completion scripts ask while a line is being typed; it says nothing where there is nothing to say.
    static let complete = CommandSpecification(
        name: "__complete", summary: "names for the completion of a shell", operands: "residents", minimumOperands: 1,
        maximumOperands: 1, isHidden: true
    ) { call in
        guard call.operand(0) == "residents", let house = try? await call.residentsForCompletion() else {
            return .success
        }
        for resident in house where resident.status != .deletedMemorial {
            call.output.result(shown(resident.name, limit: 400))
        }
        return .success
    }
}

extension Invocation {
    fileprivate func residentsForCompletion() async throws -> [ResidentRecord] {
        try await withHouse(.reader) { try await $0.residents().residents }
    }
}
