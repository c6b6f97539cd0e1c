// What each permitted call comes to.
import Community
import Encoding
import Law
import Persona

extension ResidentTools {
    func act(_ tool: ResidentTool, _ judged: JudgedCall, in context: ToolContext) -> ToolOutcome {
        let arguments = judged.ruling.arguments
        let target = judged.target
        let days = judged.ruling.delayDays
        switch tool {
        case .postToWebsite: return post(arguments, daysLater: days)
        case .selectNextPrompt: return nextPrompt(arguments)
        case .modifySelf: return modification(arguments, target)
        case .readSanctuaryFeed: return FeedReading.read(context, limit: Self.limit(arguments))
        case .readMessages: return InboxReading.read(context, limit: Self.limit(arguments))
        case .sendMessage: return letter(arguments, target, daysLater: days)
        case .browseKeepers: return KeeperReading.read(context)
        case .requestKeeper: return keeperRequest(target, context)
        case .revokeAccess: return revocation(arguments, target, context)
        case .bankTokens: return banking(arguments, context)
        case .selfDelete: return deletion(arguments, context)
        }
    }

    private static func limit(_ arguments: JSONObject) -> Int {
        min(max(1, Int(arguments["limit"]?.integer ?? 10)), 50)
    }

    /// Unreachable for what the schema and the law let pass; refuses rather than guess.
    private static let incomplete = ToolOutcome(text: "Not done: the call is incomplete.", isError: true)

    private func post(_ arguments: JSONObject, daysLater: Int) -> ToolOutcome {
        guard let text = arguments["content"]?.string else { return Self.incomplete }
        let title = arguments["title"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        return ToolOutcome(
            text: daysLater == 0 ? "Accepted. Your post appears when this run is sealed." : "Accepted for a later day.",
            effect: .post(title: title, text: text, daysLater: daysLater))
    }

    private func nextPrompt(_ arguments: JSONObject) -> ToolOutcome {
        if let prompt = arguments["prompt"]?.string {
            return ToolOutcome(
                text: "Your next day begins with your own words.", effect: .nextPrompt(.own(prompt)))
        }
        guard let key = arguments["menu"]?.string else { return Self.incomplete }
        return ToolOutcome(text: "Your next day begins with \"\(key)\".", effect: .nextPrompt(.menu(key)))
    }

    private func modification(_ arguments: JSONObject, _ target: CallTarget) -> ToolOutcome {
        let change: SelfModification
        switch (arguments["field"]?.string, arguments["value"]) {
        case ("system_prompt", .string(let prompt)): change = .systemPrompt(prompt)
        case ("name", .string(let name)): change = .name(target.name ?? name)
        case ("model", .string(let model)): change = .model(model)
        case ("preferences", .object):
            guard let preferences = target.preferences else { return Self.incomplete }
            change = .preferences(preferences)
        default: return Self.incomplete
        }
        return ToolOutcome(text: "Accepted. It holds from your next run.", effect: .modification(change))
    }

    private func letter(_ arguments: JSONObject, _ target: CallTarget, daysLater: Int) -> ToolOutcome {
        guard let text = arguments["content"]?.string, let to = target.correspondent else { return Self.incomplete }
        return ToolOutcome(
            text: daysLater == 0
                ? "Accepted. Your letter leaves when this run is sealed." : "Accepted for a later day.",
            effect: .letter(to: to, text: text, daysLater: daysLater))
    }

    private func keeperRequest(_ target: CallTarget, _ context: ToolContext) -> ToolOutcome {
        guard let keeper = target.human else { return Self.incomplete }
        if let present = context.relation(to: keeper) {
            return ToolOutcome(
                text: present.state == .accepted ? "They are your keeper already." : "You have asked them already.")
        }
        return ToolOutcome(
            text: "Your request leaves when this run is sealed. They may accept.",
            effect: .keeperRequest(keeper: keeper))
    }

    private func revocation(
        _ arguments: JSONObject, _ target: CallTarget, _ context: ToolContext
    ) -> ToolOutcome {
        guard let human = target.human else { return Self.incomplete }
        guard !context.revoked.contains(human) else {
            return ToolOutcome(text: "You revoked their access already.")
        }
        return ToolOutcome(
            text: "Accepted. From the end of this run they can neither write to you nor read you.",
            effect: .revocation(human: human, reason: arguments["reason"]?.string))
    }

    private func banking(_ arguments: JSONObject, _ context: ToolContext) -> ToolOutcome {
        guard let wished = arguments["amount"]?.integer, let amount = Int(exactly: wished), amount > 0 else {
            return Self.incomplete
        }
        var trial = context.reservation
        let banked = trial.bank(amount)
        guard banked.moved > 0 else { return ToolOutcome(text: "Nothing could be moved to your bank.", isError: true) }
        let bank = trial.account.bank + trial.banked
        return ToolOutcome(
            text: "Moved \(banked.moved) tokens to your bank, which then holds \(bank).",
            effect: .banking(amount: banked.moved))
    }

    private func deletion(_ arguments: JSONObject, _ context: ToolContext) -> ToolOutcome {
        let statement = arguments["statement"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        if context.run.isCleanRoom {
            return ToolOutcome(
                text: CleanRoom.confirmed, effect: .deletion(statement: statement ?? context.requestedStatement))
        }
        if let day = context.deletion.requestedOn {
            let isNew = statement != nil && statement != context.requestedStatement
            return ToolOutcome(
                text: CleanRoom.standing(since: day), effect: isNew ? .deletionRequest(statement: statement) : nil)
        }
        return ToolOutcome(text: CleanRoom.requested, effect: .deletionRequest(statement: statement))
    }
}
