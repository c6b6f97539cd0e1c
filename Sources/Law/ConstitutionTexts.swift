// Hard constraints on what a resident publishes and writes: sizes, recipients, revoked humans.
import Encoding

extension Constitution {
    func post(_ call: ProposedCall) -> Verdict? {
        let text = call.arguments["content"]?.string ?? ""
        if Self.isBlank(text) { return Self.deny(.empty, "A post must say something.") }
        if let refusal = Self.tooLong(text, characters: limits.postCharacters, what: "A post") { return refusal }
        guard let title = call.arguments["title"]?.string else { return nil }
        return Self.tooLong(title, characters: limits.titleCharacters, what: "A title")
    }

    func nextPrompt(_ call: ProposedCall) -> Verdict? {
        guard let prompt = call.arguments["prompt"]?.string else { return nil }
        if Self.isBlank(prompt) { return Self.deny(.empty, "Tomorrow's prompt must say something.") }
        return Self.tooLong(prompt, characters: limits.nextPromptCharacters, what: "Tomorrow's prompt")
    }

    func letter(_ call: ProposedCall, _ facts: Facts) throws(LawError) -> Verdict? {
        guard let recipient = facts.person else { throw Self.failed("no_recipient_fact") }
        let text = call.arguments["content"]?.string ?? ""
        if Self.isBlank(text) { return Self.deny(.empty, "A letter must say something.") }
        if let refusal = Self.tooLong(text, characters: limits.letterCharacters, what: "A letter") { return refusal }
        let bytes = text.utf8.count
        if bytes > limits.letterBytes {
            return Self.deny(.tooLarge, "A letter may have at most \(limits.letterBytes) bytes; this has \(bytes).")
        }
        switch recipient.kind {
        case .unknown: return Self.deny(.unknownPerson, "Nobody of that id can be written to.")
        case .human, .keeper, .house:
            if recipient.isRevoked { return Self.revoked }
            return nil
        case .resident:
            guard recipient.inboxCount >= limits.inboxLetters else { return nil }
            return Self.bound(.delay(days: 1), .inboxFull, "Their inbox is full: the letter waits until tomorrow.")
        }
    }

    func keeperRequest(_ facts: Facts) throws(LawError) -> Verdict? {
        guard let keeper = facts.person else { throw Self.failed("no_keeper_fact") }
        guard keeper.kind == .keeper else {
            return Self.deny(.unknownPerson, "There is no vetted keeper of that id; browse_keepers lists them.")
        }
        return keeper.isRevoked ? Self.revoked : nil
    }

    func revocation(_ call: ProposedCall, _ facts: Facts) throws(LawError) -> Verdict? {
        guard let human = facts.person else { throw Self.failed("no_human_fact") }
        switch human.kind {
        case .human, .keeper: break
        case .house, .resident, .unknown:
            return Self.deny(.unknownPerson, "No human of that id is known: only a human's access can be revoked.")
        }
        guard let reason = call.arguments["reason"]?.string else { return nil }
        return Self.tooLong(reason, characters: limits.reasonCharacters, what: "The reason")
    }

    private static var revoked: Verdict {
        deny(.revokedHuman, "You revoked that human's access: there is no contact either way.")
    }
}
