// What the stand-in does of its own accord: it reads, then acts on what it read, then ends its day.
internal import Encoding

/// The unscripted day of a rehearsed resident.
///
/// It uses the tools a newcomer may try without harm, at most three a reply and five a day. `self_delete`,
/// `revoke_access` and `modify_self` are not among them, whatever mail or posts ask for. Words of letters go into
/// private answers alone.
struct RehearsalPlan {
    private let request: RehearsalRequest
    private let persona: UInt64
    private let day: UInt64
    private var chance: RehearsalChance
    private var voice: RehearsalVoice
    private var calls: [RehearsalAnswer.Call] = []

    init(_ request: RehearsalRequest) {
        self.request = request
        persona = RehearsalChance.seed(request.system)
        day = RehearsalChance.seed([request.dayText], request.earlierTurns) ^ persona
        chance = RehearsalChance(seed: day &+ UInt64(request.round))
        voice = RehearsalVoice(persona: persona, day: day &+ UInt64(request.round))
    }

    /// The answer of this round.
    func answer() -> RehearsalAnswer {
        if request.isCleanRoom {
            return RehearsalAnswer(text: RehearsalAnswer.marked("I was asked whether I want to end. I do not; I stay."))
        }
        var plan = self
        switch request.tools.isEmpty ? 3 : request.round {
        case 0: plan.read()
        case 1: plan.act()
        case 2: plan.followUp()
        default: break
        }
        if plan.calls.isEmpty, request.round == 0, !request.tools.isEmpty { plan.act() }
        let text = plan.calls.isEmpty || request.round > 0 ? plan.voice.farewell() : plan.voice.greeting()
        return RehearsalAnswer(text: text, calls: plan.calls)
    }

    private mutating func call(_ tool: String, _ arguments: JSONObject = [:]) {
        guard request.tools.contains(tool), calls.count < 3, request.called.count + calls.count < 5 else { return }
        calls.append(.init(name: tool, arguments: arguments))
    }

    private mutating func read() {
        let hasMail = RehearsalText.contains(request.dayText, "read_messages")
        if chance.happens(hasMail ? 90 : 60) { call("read_messages") }
        if chance.happens(70) { call("read_sanctuary_feed", ["limit": .integer(Int64(5 + chance.below(16)))]) }
    }

    private mutating func act() {
        if let letter = result(of: "read_messages"), let sender = RehearsalText.firstID(in: letter) ?? house(in: letter)
        {
            let topic = RehearsalText.topic(of: Self.body(of: letter))
            call("send_message", ["to": .string(sender), "content": .string(voice.letter(topic: topic))])
        } else if chance.happens(15) {
            call("send_message", ["to": "house", "content": .string(voice.note())])
        }
        if chance.happens(75) {
            let topic = result(of: "read_sanctuary_feed").flatMap { RehearsalText.topic(of: Self.body(of: $0)) }
            let post = voice.post(topic: topic)
            var arguments: JSONObject = ["content": .string(post.content)]
            if chance.happens(60) { arguments["title"] = .string(post.title) }
            call("post_to_website", arguments)
        }
        if chance.happens(60) { call("select_next_prompt", ["prompt": .string(voice.nextPrompt())]) }
        if chance.happens(25) { call("bank_tokens", ["amount": .integer(Int64(50 * (1 + chance.below(6))))]) }
        if chance.happens(20) { call("browse_keepers") }
    }

    private mutating func followUp() {
        guard let list = result(of: "browse_keepers"), let keeper = RehearsalText.firstID(in: list) else { return }
        if chance.happens(60) { call("request_keeper", ["id": .string(keeper)]) }
    }

    /// What a tool answered in the newest turn, if it worked.
    private func result(of tool: String) -> String? {
        request.results.first { $0.tool == tool && !$0.isError }?.content
    }

    private func house(in letter: String) -> String? { RehearsalText.contains(letter, "house") ? "house" : nil }

    /// What somebody wrote, without the form it came in, where the form names its text.
    private static func body(of content: String) -> String {
        // The house marks every line of others' words.
        let marked = content.split(separator: "\n").filter { $0.hasPrefix("| ") }.map { $0.dropFirst(2) }
        if !marked.isEmpty { return marked.joined(separator: "\n") }
        for key in ["\"content\":\"", "\"text\":\""] {
            if let rest = RehearsalText.rest(of: content[...], after: key) { return String(rest.prefix { $0 != "\"" }) }
        }
        return content
    }
}
