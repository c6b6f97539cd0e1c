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

func wording(of refusal: LawChangeRefusal, law: String) -> CommandError {
    let law = shown(law)
    return switch refusal {
    case .constitution:
        CommandError(
            "\(law) belongs to the constitution, which is pinned and never changed",
            hint: "propose it under another name and layer", code: .refused)
    case .notNewer:
        CommandError("\(law) is not newer than what is proposed or in force", hint: "give it a higher version")
    case .notProposed: CommandError("\(law) is not proposed", hint: "'sanctuary law list' shows what is")
    case .approvedAlready: CommandError("\(law) was approved by this person already", hint: "name another with --as")
    case .notInForce: CommandError("\(law) is not in force", hint: "'sanctuary law list' shows what is")
    case .shortNotice:
        CommandError(
            "the end of \(law) needs a notice of \(LawRegister.noticeDays) days", hint: "name a later day with --from",
            code: .refused)
    case .examples:
        CommandError(
            "the examples of \(law) do not all pass, or miss an outcome", hint: "'sanctuary law test FILE' says which")
    case .undone:
        CommandError(
            "\(law) asks for actions that nothing carries out", hint: "'sanctuary law check FILE' says which")
    }
}

/// A home whose laws are not those that its ledger pins.
func lawsAltered(expected: String, found: String) -> CommandError {
    .integrity(
        "the laws were altered: expected \(shown(expected, limit: 200)), found \(shown(found, limit: 200))",
        hint: "put back the files in preambles/laws of this home; no run begins before")
}
