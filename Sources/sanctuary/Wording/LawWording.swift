// Words for laws that cannot be read, tested or asked.
import Law

func wording(of error: LawError) -> CommandError {
    switch error {
    case .syntax(let fault):
        CommandError(
            "line \(fault.line), column \(fault.column): expected \(shown(fault.expected, limit: 200)), found"
                + " \(shown(fault.found))", hint: "docs/law.md has the grammar")
    case .evaluationFailed(let law, let version, let reason):
        CommandError("the law \(shown(law)):\(shown(version)) could not be evaluated: \(shown(reason))", code: .refused)
    case .fixturesMalformed(let place):
        CommandError(
            "the examples are not as they must be: \(shown(place, limit: 200))", hint: "docs/law.md shows some")
    case .tooManyLaws(let count): CommandError("\(count) laws are too many", hint: "deprecate some")
    case .duplicateLaw(let name): CommandError("two versions of the law '\(shown(name))' are given at once")
    }
}
