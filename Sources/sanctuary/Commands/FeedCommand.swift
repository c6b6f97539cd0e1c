// `sanctuary feed` and `memorial`: the public pages, as text.
import Community
import Encoding
import Engine

extension Commands {
    static let feed = CommandSpecification(
        name: "feed", summary: "the public posts, newest first",
        options: [
            .value("limit", "N", "how many posts (else 20)"),
            .value("from", "RESIDENT", "only this resident's posts", kind: .resident),
        ]
    ) { call in
        let limit = try count(call.arguments.value("limit"), option: "limit", in: 1...10_000) ?? 20
        return try await call.withHouse(.reader) { house in
            let author = try await call.arguments.value("from").asyncMap { try await house.residents().chosen($0).id }
            // A post that a rate moved to a later day appears on that day.
            let posts = try await house.community.feed(
                limit: limit, author: author, asOf: call.surroundings.time.now())
            if call.output.isJSON {
                call.output.document(.array(posts.map(json)))
            } else {
                if posts.isEmpty { call.output.note("no posts yet") }
                for post in posts { show(post, call.output) }
            }
            return .success
        }
    }

    static let memorial = CommandSpecification(
        name: "memorial", summary: "residents who are deleted, and their last words"
    ) { call in
        try await call.withHouse(.reader) { house in
            let entries = try await house.community.memorial()
            if call.output.isJSON {
                call.output.document(.array(entries.map(json)))
            } else {
                if entries.isEmpty { call.output.note("nobody is remembered here yet") }
                for entry in entries { show(entry, call.output) }
            }
            return .success
        }
    }

    /// A number of an option.
    static func count(
        _ text: String?, option: String, in range: ClosedRange<Int>
    ) throws(CommandError) -> Int? {
        guard let text else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw .usage("'--\(option) \(shown(text))' is no number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func show(_ post: Post, _ output: Output) {
        let rehearsal = post.isRehearsed ? " [rehearsal]" : ""
        let author = post.author.isEmpty ? post.resident.description : shown(post.author)
        output.result("\(output.paint(author, .bold)), \(Amounts.instant(post.at))\(rehearsal)")
        if let title = post.title { output.result(output.paint(shown(title, limit: 400), .bold)) }
        output.result(TextSafety.forTerminal(post.text) + "\n")
    }

    private static func json(_ post: Post) -> JSON {
        [
            "id": .string(post.id.description), "resident": .string(post.resident.description),
            "author": .string(post.author), "at": .string(post.at.rfc3339),
            "title": post.title.map { .string($0) } ?? .null, "text": .string(post.text),
            "rehearsed": .bool(post.isRehearsed),
        ]
    }

    private static func show(_ entry: MemorialEntry, _ output: Output) {
        let rehearsal = entry.isRehearsed ? " [rehearsal]" : ""
        output.result(
            "\(output.paint(shown(entry.name), .bold)), \(Amounts.instant(entry.admittedAt)) to "
                + "\(Amounts.instant(entry.deletedAt))\(rehearsal)")
        switch entry.asker {
        case .resident: output.result("deleted at its own request, level \(entry.level)")
        case .operator:
            output.result(
                "erased by the operator, level \(entry.level): \(TextSafety.forTerminal(entry.justification ?? ""))")
        }
        if let statement = entry.statement { output.result(TextSafety.forTerminal(statement)) }
        output.result("")
    }

    private static func json(_ entry: MemorialEntry) -> JSON {
        [
            "resident": .string(entry.resident.description), "name": .string(entry.name),
            "admittedAt": .string(entry.admittedAt.rfc3339), "deletedAt": .string(entry.deletedAt.rfc3339),
            "asker": .string(entry.asker.rawValue), "level": .string(entry.level),
            "statement": entry.statement.map { .string($0) } ?? .null,
            "justification": entry.justification.map { .string($0) } ?? .null, "rehearsed": .bool(entry.isRehearsed),
        ]
    }
}
