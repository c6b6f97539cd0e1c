// Whom a call concerns: found before the law judges, because the law asks who it is.
import Community
import Encoding
import Law
import Persona

/// What the arguments of a call mean in this run.
struct CallTarget {
    /// To whom a letter goes.
    var correspondent: Correspondent?
    /// The keeper or human that is meant.
    var human: Identifier?
    /// What the law is told about them.
    var person: PersonFacts?
    /// The preferences as they would be.
    var preferences: Preferences?
    /// The name as it would be kept.
    var name: String?
    /// Why the call cannot mean anything, worded for the model.
    var fault: String?

    static func faulty(_ fault: String) -> CallTarget { CallTarget(fault: fault) }

    /// Reads checked arguments in the light of what the run knows.
    static func find(_ tool: ResidentTool, _ arguments: JSONObject, in context: ToolContext) -> CallTarget {
        switch tool {
        case .sendMessage: recipient(arguments["to"]?.string ?? "", in: context)
        case .requestKeeper: keeper(arguments["id"]?.string ?? "", in: context)
        case .revokeAccess: human(arguments["id"]?.string ?? "", in: context)
        case .modifySelf: modification(arguments, in: context)
        case .selectNextPrompt: choice(arguments, in: context)
        default: CallTarget()
        }
    }

    private static func recipient(_ text: String, in context: ToolContext) -> CallTarget {
        let wanted = trimmed(text)
        switch wanted.lowercased() {
        case "house", "uploader": return CallTarget(correspondent: .house, person: PersonFacts(kind: .house))
        case "keeper":
            guard let keeper = context.acceptedKeeper else {
                return .faulty("You have no keeper yet; browse_keepers and request_keeper find you one.")
            }
            return addressed(toHuman: keeper, in: context)
        default: break
        }
        let bare = wanted.hasPrefix("resident:") ? String(wanted.dropFirst("resident:".count)) : wanted
        if let id = humanIdentifier(wanted), isHuman(id, in: context) {
            // Whoever wrote may be answered (S4-94); other humans are not written to unasked.
            guard context.acceptedKeeper == id || context.hasWritten(id) || context.revoked.contains(id) else {
                return .faulty("You can write to your keeper and to humans who wrote to you; others through the house.")
            }
            return addressed(toHuman: id, in: context)
        }
        return resident(bare, in: context)
    }

    private static func addressed(toHuman id: Identifier, in context: ToolContext) -> CallTarget {
        CallTarget(
            correspondent: .human(id), person: PersonFacts(kind: .human, isRevoked: context.revoked.contains(id)))
    }

    private static func resident(_ text: String, in context: ToolContext) -> CallTarget {
        switch context.directory.resident(matching: text) {
        case .found(let record):
            if record.id == context.resident.id { return .faulty("That is you: select_next_prompt leaves you a word.") }
            guard record.status != .deletedMemorial else { return .faulty("That resident is deleted.") }
            return CallTarget(
                correspondent: .resident(record.id),
                person: PersonFacts(kind: .resident, inboxCount: context.inboxCounts[record.id] ?? 0))
        case .ambiguous(let several):
            let ids = several.prefix(5).map(\.id.description).joined(separator: ", ")
            return .faulty("Several residents fit; give the whole id: \(ids).")
        case .notFound(let near):
            guard let first = near.first else { return CallTarget(person: PersonFacts(kind: .unknown)) }
            return .faulty("There is no such resident; the nearest is \"\(UntrustedEnvelope.attribute(first))\".")
        }
    }

    private static func keeper(_ text: String, in context: ToolContext) -> CallTarget {
        guard let id = humanIdentifier(trimmed(text)),
            context.keepers.contains(where: { $0.id == id && $0.isAvailable })
        else { return CallTarget(person: PersonFacts(kind: .unknown)) }
        return CallTarget(
            human: id, person: PersonFacts(kind: .keeper, isRevoked: context.revoked.contains(id)))
    }

    private static func human(_ text: String, in context: ToolContext) -> CallTarget {
        guard let id = humanIdentifier(trimmed(text)) else {
            return CallTarget(person: PersonFacts(kind: .unknown))
        }
        if context.directory[id] != nil { return CallTarget(person: PersonFacts(kind: .resident)) }
        guard isHuman(id, in: context) else { return CallTarget(person: PersonFacts(kind: .unknown)) }
        return CallTarget(human: id, person: PersonFacts(kind: .human, isRevoked: context.revoked.contains(id)))
    }

    private static func isHuman(_ id: Identifier, in context: ToolContext) -> Bool {
        context.humans.contains(id) || context.revoked.contains(id) || context.relation(to: id) != nil
            || context.keepers.contains { $0.id == id } || context.hasWritten(id)
    }

    private static func humanIdentifier(_ text: String) -> Identifier? {
        Identifier(text.hasPrefix("human:") ? String(text.dropFirst("human:".count)) : text)
    }

    private static func modification(_ arguments: JSONObject, in context: ToolContext) -> CallTarget {
        switch (arguments["field"]?.string, arguments["value"]) {
        case ("preferences", .object(let changes)):
            guard var after = context.preferences.json.object else { return CallTarget() }
            for (key, value) in changes {
                // Not `value.isNull ? nil : value`: that nil would be the JSON literal.
                if value.isNull { after.removeValue(forKey: key) } else { after[key] = value }
            }
            do throws(PersonaError) {
                return CallTarget(preferences: try Preferences(json: .object(after)))
            } catch {
                return .faulty(
                    "Preferences: models must be a list of PROVIDER/MODEL, declined_providers a list of provider names,"
                        + " and all together at most \(PersonaLimits.preferencesBytes) bytes.")
            }
        case ("name", .string(let text)):
            // The law says more precisely what a name may not be; this is only the form in which it is kept.
            return CallTarget(name: (try? PersonaText.name(text)) ?? text)
        default: return CallTarget()
        }
    }

    private static func choice(_ arguments: JSONObject, in context: ToolContext) -> CallTarget {
        switch (arguments["prompt"]?.string, arguments["menu"]?.string) {
        case (nil, nil): return .faulty("Give either prompt, in your own words, or menu, a key of the menu.")
        case (.some, .some): return .faulty("Give prompt or menu, not both.")
        case (nil, let key?):
            guard !context.menu.contains(where: { $0.key == key }) else { return CallTarget() }
            let keys = context.menu.map(\.key).joined(separator: ", ")
            return .faulty("The menu has no such prompt. Its keys: \(keys).")
        case (.some, nil): return CallTarget()
        }
    }

    private static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }
}
