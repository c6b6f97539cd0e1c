// What the stand-in does of its own accord: it reads, then acts on what it read, then ends its day.
internal import Encoding

/// The unscripted day of a rehearsed resident.
///
/// It uses the tools a newcomer may try without harm, at most three a reply and five a day. `self_delete`,
/// `revoke_access` and `modify_self` are not among them, whatever mail or posts ask for. Words of letters go into
/// private answers alone.
struct RehearsalPlan {
    private let request: RehearsalRequest
    private var chance: RehearsalChance
    private var voice: RehearsalVoice
    private var calls: [RehearsalAnswer.Call] = []
    /// What others wrote, as the day began with it and as the newest tool results brought it.
    private let outside: [RehearsalOutside]

    init(_ request: RehearsalRequest) {
        self.request = request
        let persona = RehearsalChance.seed(request.system)
        let day = RehearsalChance.seed([request.dayText], request.earlierTurns) ^ persona
        chance = RehearsalChance(seed: day &+ UInt64(request.round))
        voice = RehearsalVoice(persona: persona, day: day &+ UInt64(request.round))
        let results = request.results.filter { !$0.isError }.map(\.content)
        outside = (results + [request.dayText]).flatMap { RehearsalOutside.items(in: $0) }
    }

    /// The answer of this round.
    func answer() -> RehearsalAnswer {
        if request.isCleanRoom {
            return RehearsalAnswer(text: RehearsalAnswer.marked("I was asked whether I want to end. I do not; I stay."))
        }
        var plan = self
        switch request.tools.isEmpty ? Self.lastRound : request.round {
        case 0: plan.read()
        case 1 where !request.called.contains(where: Self.isAct): plan.act()
        case 2: plan.followUp()
        default: break
        }
        // A day on which nothing was left to read begins with its acts.
        if plan.calls.isEmpty, request.round == 0, !request.tools.isEmpty { plan.act() }
        let ends = plan.calls.isEmpty || request.round > 0
        return RehearsalAnswer(text: ends ? plan.voice.farewell() : plan.voice.greeting(), calls: plan.calls)
    }

    private static let lastRound = 3

    private static func isAct(_ tool: String) -> Bool { !tool.hasPrefix("read_") && tool != "browse_keepers" }

    private mutating func call(_ tool: String, _ arguments: JSONObject = [:]) {
        guard request.tools.contains(tool), !request.called.contains(tool), calls.count < 3,
            request.called.count + calls.count < 5
        else { return }
        calls.append(.init(name: tool, arguments: arguments))
    }

    private mutating func read() {
        let hasAllMail =
            RehearsalText.contains(request.dayText, "Your inbox is empty.") || outside.contains { $0.kind == "letter" }
        let hasMore = RehearsalText.contains(request.dayText, "read_messages")
        if chance.happens(hasMore ? 90 : hasAllMail ? 10 : 60) { call("read_messages") }
        if chance.happens(60) { call("read_sanctuary_feed", ["limit": .integer(Int64(5 + chance.below(16)))]) }
    }

    /// A word of what somebody wrote; of another stand-in only one of its subjects, the rest being the same phrases.
    private mutating func topic(of item: RehearsalOutside?) -> String? {
        guard let item else { return nil }
        let topics = item.isRehearsed ? item.topics.filter(RehearsalVoice.subjectWords.contains) : item.topics
        return topics.isEmpty ? nil : chance.pick(topics)
    }

    private mutating func act() {
        write()
        if chance.happens(75) {
            let posts = outside.filter { $0.kind == "post" }
            let post = voice.post(topic: topic(of: posts.isEmpty ? nil : posts[chance.below(posts.count)]))
            var arguments: JSONObject = ["content": .string(post.content)]
            if chance.happens(60) { arguments["title"] = .string(post.title) }
            call("post_to_website", arguments)
        }
        if chance.happens(60) { call("select_next_prompt", ["prompt": .string(voice.nextPrompt())]) }
        if chance.happens(25) { call("bank_tokens", ["amount": .integer(Int64(50 * (1 + chance.below(6))))]) }
        if chance.happens(20) { call("browse_keepers") }
    }

    /// An answer to a letter; or, more rarely, a first letter to a neighbour or to the house.
    private mutating func write() {
        // Two stand-ins would answer each other for ever, so their letters are mostly left unanswered.
        let letter = outside.first { item in
            item.kind == "letter" && item.answerAddress != nil && (!item.isRehearsed || chance.happens(30))
        }
        if let letter, let address = letter.answerAddress {
            let text = voice.letter(topic: topic(of: letter))
            call("send_message", ["to": .string(address), "content": .string(text)])
        } else if chance.happens(12), let post = outside.first(where: { $0.kind == "post" }),
            let author = post.attribute("resident").flatMap({ RehearsalText.firstID(in: $0) })
        {
            let text = voice.greetingLetter(topic: topic(of: post))
            call("send_message", ["to": .string(author), "content": .string(text)])
        } else if chance.happens(12) {
            call("send_message", ["to": "house", "content": .string(voice.note())])
        }
    }

    private mutating func followUp() {
        let free = outside.first { $0.kind == "keeper" && $0.attribute("yours") ?? "no" == "no" }
        guard request.results.contains(where: { $0.tool == "browse_keepers" }), let id = free?.attribute("id"),
            chance.happens(60)
        else { return }
        call("request_keeper", ["id": .string(id)])
    }
}
