// The repository's own definitions, and a context that the tests of the tools start from.
import Community
import Encoding
import Law
import Persona
import Providers
import TestSupport
import Testing
import Tools

enum ToolsFixture {
    static let aria = number(1)
    static let boris = number(2)
    static let cleo = number(3)
    static let gone = number(4)
    static let ana = number(51)
    static let ben = number(52)
    static let stranger = number(53)
    static let now = Instant(unixMilliseconds: 1_795_237_200_000)

    static func number(_ number: UInt64) -> Identifier {
        Identifier(high: 0x019A_9D3C_8C00_7ABC, low: 0x8DEF_1000_0000_0000 + number)
    }

    /// The top of the repository.
    static let top = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/")

    /// The definition files as `init` copies them.
    static func files() throws -> [(name: String, bytes: [UInt8])] {
        try ToolDefinitions.fileNames.map { ($0, try readFile("\(top)/tools/resident/\($0)")) }
    }

    static func tools() throws -> ResidentTools {
        ResidentTools(definitions: try ToolDefinitions(files: files()), checker: .standard())
    }

    static func record(
        _ id: Identifier, _ name: String, status: ResidentStatus = .active
    ) -> ResidentRecord {
        ResidentRecord(id: id, name: name, status: status, model: "anthropic/one", admittedAt: now)
    }

    static func letter(from: Correspondent, _ text: String) -> OpenedLetter {
        OpenedLetter(
            Letter(id: number(70), to: .resident(aria), from: from, at: now, text: text), senderName: "Somebody")
    }

    static func post(_ text: String, by author: Identifier = boris, title: String? = nil) -> Post {
        Post(id: number(80), resident: author, author: "Boris", at: now, title: title, text: text)
    }

    /// A nightly run of Aria, who has a keeper (Ana), a letter of a stranger, and 10,000 tokens.
    static func context() throws -> ToolContext {
        ToolContext(
            resident: record(aria, "Aria"), run: RunFacts(trigger: .nightly, round: 1, tokensLeft: 8_000),
            today: "2026-11-21", now: now,
            directory: ResidentDirectory([
                record(aria, "Aria"), record(boris, "Boris"), record(cleo, "Cleo"),
                record(gone, "Gone", status: .deletedMemorial),
            ]),
            feed: [post("A quiet day.", title: "Day"), post("My own.", by: aria)],
            inbox: [letter(from: .human(stranger), "Good evening, Aria.")],
            keepers: [
                Keeper(id: ana, name: "Ana", addedAt: now), Keeper(id: ben, name: "Ben", addedAt: now),
            ],
            relations: [KeeperRelation(resident: aria, keeper: ana, state: .accepted, at: now)],
            humans: [ana, ben, stranger], models: ["anthropic/one", "local/two"],
            reservation: try TokenAccount().reserve(for: .nightly))
    }

    /// A clean room in order.
    static func cleanRoom() throws -> ToolContext {
        var context = try context()
        context.run.isCleanRoom = true
        context.deletion = DeletionFacts(
            requestedOn: "2026-11-20", today: "2026-11-21", phrase: DeletionPhrase(entropy: [0, 0, 1, 1, 2]))
        return context
    }
}

extension ResidentTools {
    /// Judges and performs a call, and stages what it brings about.
    func call(
        _ tool: String, _ arguments: JSONObject = [:], _ context: inout ToolContext
    ) -> (JudgedCall, ToolOutcome) {
        let judged = judge(ToolUse(id: "call-1", name: tool, arguments: .object(arguments)), in: context)
        let outcome = perform(judged, in: context)
        if let effect = outcome.effect { context.stage(effect) }
        return (judged, outcome)
    }
}
