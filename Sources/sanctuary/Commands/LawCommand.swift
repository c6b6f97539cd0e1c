// `sanctuary law`: the laws that everything here is checked against.

extension Commands {
    static let law = CommandSpecification(
        name: "law", summary: "the laws that every tool call is checked against",
        subcommands: [lawCheck, lawTest, lawList, lawExplain, lawPropose, lawApprove, lawDeprecate, lawMidnight])
}
