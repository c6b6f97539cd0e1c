// `sanctuary review`: calls of tools that wait for an operator's word.
import Community
import Encoding
import Engine

extension Commands {
    static let review = CommandSpecification(
        name: "review", summary: "calls of tools that wait for an operator's word",
        subcommands: [reviewList, reviewApprove, reviewDeny])

    static let reviewList = CommandSpecification(
        name: "list", summary: "what waits, oldest first, with the arguments",
        options: [.flag("all", "also what was decided")]
    ) { call in
        try await call.withHouse(.reader) { house in
            let now = call.surroundings.time.now()
            let all = try await house.heldCalls()
            let calls = call.arguments.has("all") ? all : all.filter { $0.state == .waiting && $0.until > now }
            if call.output.isJSON {
                call.output.document(.array(calls.map { json($0, at: now) }))
                return .success
            }
            guard !calls.isEmpty else {
                call.output.result("no call waits")
                return .success
            }
            let names = try await house.residents()
            for held in calls {
                let name = names[held.resident]?.name ?? held.resident.description
                let arguments = JSON.object(held.arguments ?? [:]).serialized()
                call.output.result(
                    "\(held.id)  \(word(held, at: now)) until \(Amounts.instant(held.until))  \(shown(name)) asks for"
                        + " \(shown(held.tool)) (\(shown(held.law)))\n  "
                        + TextSafety.forTerminal(String(decoding: arguments, as: UTF8.self)))
            }
            return .success
        }
    }

    static let reviewApprove = CommandSpecification(
        name: "approve", summary: "let a call be made, once", operands: "CALL", minimumOperands: 1, maximumOperands: 1,
        options: [justificationOption], details: "CALL is an id, or a unique beginning or end of one."
    ) { call in try await decide(call, isApproved: true) }

    static let reviewDeny = CommandSpecification(
        name: "deny", summary: "refuse a call", operands: "CALL", minimumOperands: 1, maximumOperands: 1,
        options: [justificationOption], details: "CALL is an id, or a unique beginning or end of one."
    ) { call in try await decide(call, isApproved: false) }

    private static let justificationOption = OptionSpecification.value(
        "justification", "TEXT", "why; it stands on the ledger, and the resident is told")

    private static func decide(_ call: Invocation, isApproved: Bool) async throws -> ExitCode {
        let justification = call.arguments.value("justification") ?? ""
        guard justification.contains(where: { !$0.isWhitespace }) else {
            throw CommandError.usage("a decision needs a reason", hint: "state it with --justification TEXT")
        }
        guard justification.utf8.count <= House.maximumWordsBytes else {
            throw CommandError.usage(
                "the justification is longer than \(House.maximumWordsBytes) bytes", hint: "shorten it")
        }
        let text = (call.operand(0) ?? "").lowercased()
        return try await call.withHouse(.writer) { house in
            let now = call.surroundings.time.now()
            let waiting = try await house.heldCalls().filter { $0.state == .waiting && $0.until > now }
            let meant = waiting.filter { $0.id.description.hasPrefix(text) || $0.id.description.hasSuffix(text) }
            guard let held = meant.first, meant.count == 1 else {
                throw CommandError.usage(
                    meant.isEmpty
                        ? "no call that waits is called '\(shown(text))'" : "'\(shown(text))' means several calls",
                    hint: "'sanctuary review list' lists them")
            }
            guard try await house.decide(held, isApproved: isApproved, justification: justification) else {
                throw CommandError("the call \(held.id) was decided meanwhile", hint: "'sanctuary review list --all'")
            }
            let word = isApproved ? "approved" : "denied"
            if call.output.isJSON {
                call.output.document([word: .string(held.id.description), "tool": .string(held.tool)])
            } else {
                call.output.result("\(word) \(shown(held.tool)) (\(held.id)); the resident learns it in its next run")
            }
            return .success
        }
    }

    private static func word(_ held: HeldCall, at now: Instant) -> String {
        held.state == .waiting && held.until <= now ? "expired" : held.state.rawValue
    }

    private static func json(_ held: HeldCall, at now: Instant) -> JSON {
        var members: JSONObject = [
            "id": .string(held.id.description), "resident": .string(held.resident.description),
            "run": .string(held.run.description), "tool": .string(held.tool), "law": .string(held.law),
            "state": .string(word(held, at: now)), "heldAt": .string(held.heldAt.rfc3339),
            "until": .string(held.until.rfc3339), "arguments": .object(held.arguments ?? [:]),
        ]
        if let words = held.justification { members["justification"] = .string(words) }
        return .object(members)
    }
}
