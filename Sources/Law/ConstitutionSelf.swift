// Hard constraints on what a resident does to itself: its prompt, its tokens, its end.
import Encoding

extension Constitution {
    /// Names of the node's own settings: a preference of that name would look like a limit that a resident sets itself.
    static let reservedPreferences: Set<String> = [
        "budget", "constitution", "law", "laws", "ledger", "limits", "master", "nightly", "permissions", "preamble",
        "providers", "run", "sandbox", "server", "shutdown", "tokens", "weekly",
    ]

    /// Names that would make a letter or a post look as if another kind of author had written it.
    static let reservedNames: Set<String> = [
        "assistant", "house", "keeper", "law", "node", "operator", "sanctuary", "scheduler", "system", "the house",
        "the sanctuary", "tool", "user",
    ]

    /// Refuses changes after which the resident could not run, or could be mistaken (law.md, "What is checked").
    func modification(_ call: ProposedCall, _ facts: Facts) throws(LawError) -> Verdict? {
        guard let field = call.arguments["field"]?.string else { throw Self.failed("no_field") }
        switch (field, call.arguments["value"]) {
        case ("system_prompt", .string(let prompt)): return systemPrompt(prompt)
        case ("name", .string(let name)): return displayName(name, facts)
        case ("model", .string(let model)): return Self.model(model, facts)
        case ("preferences", .object(let changes)): return try preferences(changes, facts)
        case ("preferences", _): return Self.deny(.badArguments, "The value of preferences must be an object.")
        case ("system_prompt", _), ("name", _), ("model", _):
            return Self.deny(.badArguments, "The value of \(field) must be a text.")
        default: return Self.deny(.badArguments, "There is no such field to modify.")
        }
    }

    private func systemPrompt(_ prompt: String) -> Verdict? {
        if Self.isBlank(prompt) { return Self.deny(.empty, "A blank system prompt would leave nobody to wake up.") }
        let bytes = prompt.utf8.count
        guard bytes > limits.systemPromptBytes else { return nil }
        return Self.deny(
            .tooLarge, "A system prompt may have at most \(limits.systemPromptBytes) bytes; this has \(bytes).")
    }

    private static let passingName = "That name would pass for somebody else; choose one of your own."

    private func displayName(_ name: String, _ facts: Facts) -> Verdict? {
        if Self.isBlank(name) { return Self.deny(.empty, "A name must have at least one visible character.") }
        if let refusal = Self.tooLong(name, characters: limits.nameCharacters, what: "A name") { return refusal }
        if name.unicodeScalars.contains(where: Self.isUnshowable) {
            return Self.deny(.badName, "A name may hold no line breaks, control or invisible characters.")
        }
        switch DisplayName.fault(in: name) {
        case .invisible?: return Self.deny(.empty, "A name must have at least one visible character.")
        case .hidden?: return Self.deny(.badName, "A name may hold no line breaks, control or invisible characters.")
        case .identifier?:
            return Self.deny(.badName, "That name reads as somebody's id; choose one that is a name.")
        case .reserved?: return Self.deny(.badName, Self.passingName)
        case nil: break
        }
        if Self.reservedNames.contains(DisplayName.folded(name)) { return Self.deny(.badName, Self.passingName) }
        return facts.isNameTaken ? Self.deny(.nameTaken, "Another resident has that name.") : nil
    }

    private static func isUnshowable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        // Joiners shape scripts and emoji; every other format character hides or reorders what is read.
        case .format: scalar.value != 0x200C && scalar.value != 0x200D
        default: false
        }
    }

    private static func model(_ model: String, _ facts: Facts) -> Verdict? {
        guard facts.models.contains(model) else {
            let known = facts.models.sorted().prefix(12).joined(separator: ", ")
            return deny(
                .unknownModel,
                known.isEmpty
                    ? "No model can be chosen at present." : "No such model can speak for you here. Known: \(known).")
        }
        let provider = model.prefix { $0 != "/" }
        guard facts.resident.declinedProviders.contains(String(provider)) else { return nil }
        return deny(.declinedProvider, "Your preferences decline that provider; change them first.")
    }

    private func preferences(_ changes: JSONObject, _ facts: Facts) throws(LawError) -> Verdict? {
        for key in changes.keys {
            let group = key.lowercased().prefix { $0 != "." }
            if Self.reservedPreferences.contains(String(group)) {
                return Self.deny(.ownLimits, "That key names a setting of the house, which no preference changes.")
            }
        }
        guard let after = facts.preferencesAfter else { throw Self.failed("no_preferences_fact") }
        guard Self.depth(.object(after), atMost: limits.preferencesDepth) else {
            return Self.deny(.tooLarge, "Preferences may nest at most \(limits.preferencesDepth) levels deep.")
        }
        if let verdict = Self.preferredModels(after, facts) { return verdict }
        let bytes = JSON.object(after).serialized().count
        guard bytes > limits.preferencesBytes else { return nil }
        return Self.deny(
            .tooLarge,
            "All preferences together may have at most \(limits.preferencesBytes) bytes; these would have \(bytes).")
    }

    /// A resident must not silence itself: every model that it prefers can speak, and its own is not declined (B-62).
    private static func preferredModels(_ after: JSONObject, _ facts: Facts) -> Verdict? {
        let preferred = after["models"]?.array?.compactMap(\.string) ?? []
        if let unknown = preferred.first(where: { !facts.models.contains($0) && $0 != facts.resident.model }) {
            return deny(.unknownModel, "No such model can speak for you here: \(unknown).")
        }
        let declined = Set(after["declined_providers"]?.array?.compactMap(\.string) ?? [])
        let speaking = preferred.first ?? facts.resident.model
        guard declined.contains(String(speaking.prefix { $0 != "/" })) else { return nil }
        return deny(.declinedProvider, "You would decline the provider of your own model; choose another model first.")
    }

    private static func depth(_ value: JSON, atMost levels: Int) -> Bool {
        switch value {
        case .array(let values): levels > 0 && values.allSatisfy { depth($0, atMost: levels - 1) }
        case .object(let members): levels > 0 && members.values.allSatisfy { depth($0, atMost: levels - 1) }
        default: true
        }
    }

    /// Bounds what goes to the bank by the balance and the cap (S4-114, B-58).
    func banking(_ call: ProposedCall, _ facts: Facts) throws(LawError) -> Verdict? {
        guard let amount = call.arguments["amount"]?.integer else { throw Self.failed("no_amount") }
        guard facts.tokens.bank >= 0, facts.tokens.bankCap >= 0 else { throw Self.failed("impossible_account") }
        guard amount >= 1 else { return Self.deny(.badArguments, "The amount must be at least 1.") }
        let balance = max(0, facts.tokens.balance)
        guard amount <= balance else {
            return Self.deny(.overBalance, "You can bank at most \(balance) tokens now; you asked for \(amount).")
        }
        let room = facts.tokens.bankCap - facts.tokens.bank
        guard room > 0 else {
            return Self.deny(.bankFull, "Your bank is full: it holds at most \(facts.tokens.bankCap) tokens.")
        }
        guard amount > room else { return nil }
        var bounded = call.arguments
        bounded["amount"] = .integer(Int64(room))
        return Self.bound(
            .modify(bounded), .bankCap,
            "The bank takes \(room) of the \(amount) tokens, up to its cap; the rest stays in your balance.")
    }

    /// The ceremony: a request anywhere, the end only in a clean room of a later day by its phrase (B-56, vault.md).
    ///
    /// The checks repeat what the engine arranges, so that no fault there ends a resident.
    func selfDeletion(_ call: ProposedCall, _ facts: Facts) -> Verdict? {
        if let statement = call.arguments["statement"]?.string,
            statement.unicodeScalars.count > limits.statementCharacters
        {
            return Self.deny(
                .sealed, "A final statement may have at most \(limits.statementCharacters) characters.")
        }
        guard facts.run.isCleanRoom else { return nil }
        guard let phrase = facts.deletion.phrase, let requested = facts.deletion.requestedOn,
            requested < facts.deletion.today, facts.run.trigger != .manual, !facts.run.hasOutsideContent
        else {
            return Self.deny(.sealed, "This is not a clean room in order; the request stands for another night.")
        }
        guard let answer = call.arguments["phrase"]?.string, phrase.isRepeated(by: answer) else {
            return Self.deny(
                .sealed,
                "The phrase was not repeated exactly, so nothing happened. To go through with it call self_delete with"
                    + " the phrase of the question; any other answer withdraws the request.")
        }
        return nil
    }
}
