// The facts of a tool call by the names that laws use for them.
import Encoding

/// A fact of a tool call that every call has; arguments are found by their own names under `tool.args`.
enum CallFact: String, CaseIterable, Sendable {
    case now
    case toolName = "tool.name"
    case toolPermission = "tool.permission"
    case toolTouches = "tool.touches"
    case toolIsRight = "tool.is_right"
    case residentID = "resident.id"
    case residentName = "resident.name"
    case residentModel = "resident.model"
    case residentDeclined = "resident.declined"
    case runTrigger = "run.trigger"
    case runRound = "run.round"
    case runTokensLeft = "run.tokens_left"
    case runOutside = "run.outside"
    case runCleanRoom = "run.clean_room"
    case runPermission = "run.permission"
    case postsToday = "posts.today"
    case messagesToday = "messages.today"
    case budgetTokens = "budget.tokens"
    case budgetBalance = "budget.balance"
    case budgetBank = "budget.bank"
    case budgetBankRoom = "budget.bank_room"
    case personKind = "person.kind"
    case personRevoked = "person.revoked"
    case personInbox = "person.inbox"
    case deletionWaited = "deletion.waited"
    case deletionPhrase = "deletion.phrase_repeated"
    case modelKnown = "model.known"
    case modelDeclined = "model.declined"
    case nameTaken = "name.taken"
    case preferencesBytes = "preferences.bytes"
    case reviewApproved = "review.approved"

    /// Whether it may stand on the ledger in clear beside a verdict: counts and circumstances, nobody's words.
    var isPublic: Bool {
        switch self {
        case .runTrigger, .runRound, .runTokensLeft, .runOutside, .runPermission, .postsToday, .messagesToday,
            .toolPermission, .toolTouches, .toolIsRight, .reviewApproved, .now:
            true
        default: false
        }
    }
}

/// The facts of one call, for the laws of a set.
struct CallFacts: FactSource {
    let call: ProposedCall
    let facts: Facts
    /// How many days ahead `posts.today` and `messages.today` look: what today's measure has no room for.
    var daysAhead = 0

    func value(of name: FactName) -> FactValue? {
        guard let known = name.known else { return argument(name.words) }
        switch known {
        case .now: return .instant(facts.now)
        case .toolName: return .text(call.tool)
        case .toolPermission: return .text(call.permission.rawValue)
        case .toolTouches: return .list(call.touches.map(\.rawValue).sorted().map { .text($0) })
        case .toolIsRight: return .truth(call.residentTool != nil)
        case .runTrigger: return .text(facts.run.trigger.rawValue)
        case .runRound: return FactValue.whole(facts.run.round)
        case .runTokensLeft, .budgetTokens: return FactValue.whole(facts.run.tokensLeft)
        case .runOutside: return .truth(facts.run.hasOutsideContent)
        case .runCleanRoom: return .truth(facts.run.isCleanRoom)
        case .runPermission: return .text(facts.permission.rawValue)
        case .postsToday: return Self.count(facts.rates.posts, daysAhead)
        case .messagesToday: return Self.count(facts.rates.messages, daysAhead)
        case .budgetBalance: return FactValue.whole(facts.tokens.balance)
        case .budgetBank: return FactValue.whole(facts.tokens.bank)
        case .budgetBankRoom: return FactValue.whole(facts.tokens.bankCap - facts.tokens.bank)
        case .reviewApproved: return .truth(facts.isReviewed(call))
        case .residentID, .residentName, .residentModel, .residentDeclined, .personKind, .personRevoked, .personInbox,
            .deletionWaited, .deletionPhrase, .modelKnown, .modelDeclined, .nameTaken, .preferencesBytes:
            return personal(known)
        }
    }

    private func personal(_ fact: CallFact) -> FactValue? {
        switch fact {
        case .residentID: .text(facts.resident.id.description)
        case .residentName: .text(facts.resident.name)
        case .residentModel: .text(facts.resident.model)
        case .residentDeclined: .list(facts.resident.declinedProviders.sorted().map { .text($0) })
        case .personKind: facts.person.map { .text($0.kind.rawValue) }
        case .personRevoked: facts.person.map { .truth($0.isRevoked) }
        case .personInbox: facts.person.flatMap { FactValue.whole($0.inboxCount) }
        case .deletionWaited: .truth(facts.deletion.requestedOn.map { $0 < facts.deletion.today } ?? false)
        case .deletionPhrase: .truth(isPhraseRepeated)
        case .modelKnown: wantedModel.map { .truth(facts.models.contains($0)) }
        case .modelDeclined:
            wantedModel.map { .truth(facts.resident.declinedProviders.contains(String($0.prefix { $0 != "/" }))) }
        case .nameTaken: .truth(facts.isNameTaken)
        case .preferencesBytes:
            facts.preferencesAfter.flatMap { FactValue.whole(JSON.object($0).serialized().count) }
        default: nil
        }
    }

    private var isPhraseRepeated: Bool {
        guard let phrase = facts.deletion.phrase, let answer = call.arguments["phrase"]?.string else { return false }
        return phrase.isRepeated(by: answer)
    }

    private var wantedModel: String? {
        call.arguments["field"]?.string == "model" ? call.arguments["value"]?.string : nil
    }

    private static func count(_ days: [Int], _ daysAhead: Int) -> FactValue? {
        guard days.allSatisfy({ $0 >= 0 }) else { return nil }
        return FactValue.whole(daysAhead < days.count ? days[daysAhead] : 0)
    }

    /// `tool.args.NAME`, and `.length` (code points), `.bytes` and `.blank` of a text; a text that is absent is empty.
    private func argument(_ words: [String]) -> FactValue? {
        guard words.count >= 3, words.count <= 4, words[0] == "tool", words[1] == "args" else { return nil }
        let value = call.arguments[words[2]]
        if words.count == 3 {
            switch value {
            case .string(let text): return .text(text)
            case .bool(let truth): return .truth(truth)
            case .integer(let number): return FactValue.whole(Int(number))
            default: return nil
            }
        }
        var text = ""
        if let value {
            guard let given = value.string else { return nil }
            text = given
        }
        switch words[3] {
        case "length": return FactValue.whole(text.unicodeScalars.count)
        case "bytes": return FactValue.whole(text.utf8.count)
        case "blank": return .truth(text.trimmingWhitespace().isEmpty)
        default: return nil
        }
    }
}
