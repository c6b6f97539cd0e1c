// Reads the actions of a branch.

extension LawParser {
    mutating func actions() throws(LawError) -> [LawAction] {
        var actions: [LawAction] = []
        repeat {
            let token = try take()
            guard actions.count < LawBounds.actionCount else {
                throw refuse("at most \(LawBounds.actionCount) actions", found: "one more", at: token)
            }
            actions.append(try action(token))
        } while try accept(sign: ",")
        return actions
    }

    private mutating func action(_ token: LawToken) throws(LawError) -> LawAction {
        guard case .word(let word) = token.kind, LawAction.words.contains(word) else {
            throw fault("an action (\(LawAction.words.joined(separator: ", ")))", at: token)
        }
        if isStrict, ["permit", "deny", "modify", "emit"].contains(word) {
            throw fault("accept, hold, terminate, notify, tag or append_ledger (--strict)", at: token)
        }
        switch word {
        case "accept": return .accept
        case "permit": return .permit
        case "deny": return .deny
        case "append_ledger": return .appendLedger
        case "modify": return .modify(try changes())
        case "hold":
            let text = try arguments(["hours"])[0]
            guard let hours = Int(text), (1...LawBounds.holdHours).contains(hours) else {
                throw refuse("hours from 1 to \(LawBounds.holdHours)", found: "'\(text.prefix(40))'", at: token)
            }
            return .hold(hours: hours)
        case "terminate": return .terminate(reason: try arguments(["reason"])[0])
        case "notify": return .notify(role: try arguments(["role"])[0])
        case "emit": return .emit(entityType: try arguments(["entity_type"])[0])
        default:
            let texts = try arguments(["key", "val"])
            return .tag(key: texts[0], value: texts[1])
        }
    }

    /// `(key=text,…)` with exactly these keys in this order.
    private mutating func arguments(_ keys: [String]) throws(LawError) -> [String] {
        var texts: [String] = []
        for (index, key) in keys.enumerated() {
            try expect(sign: index == 0 ? "(" : ",", as: index == 0 ? "'(\(key)='" : "',' and '\(key)='")
            let token = try take()
            guard token.kind == .word(key) else { throw fault("'\(key)='", at: token) }
            try expect(sign: "=")
            texts.append(try plainText())
        }
        try expect(sign: ")")
        return texts
    }

    /// A word, a whole number or a quoted text, as text.
    private mutating func plainText() throws(LawError) -> String {
        let token = try take()
        switch token.kind {
        case .word(let word): return try dotted(from: word, at: token).joined(separator: ".")
        case .quoted(let text) where !text.isEmpty: return text
        case .number(let digits, let unit): return digits + (unit.map(String.init) ?? "")
        default: throw fault("a word, a number or a quoted text", at: token)
        }
    }

    private mutating func changes() throws(LawError) -> [LawArgument] {
        try expect(sign: "(", as: "'(' and an argument")
        var changes: [LawArgument] = []
        repeat {
            let token = try take()
            guard case .word(let key) = token.kind else { throw fault("the name of an argument", at: token) }
            guard changes.count < LawBounds.argumentCount, !changes.contains(where: { $0.key == key }) else {
                throw refuse("at most \(LawBounds.argumentCount) arguments, each once", found: "'\(key)'", at: token)
            }
            try expect(sign: "=")
            parts = 0
            changes.append(LawArgument(key: key, value: try value()))
        } while try accept(sign: ",")
        try expect(sign: ")", as: "',' or ')'")
        return changes
    }
}
