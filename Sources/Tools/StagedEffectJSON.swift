// The JSON form of staged effects: for the sealed journal, and for posts that wait in the package for their day.
import Community
public import Encoding
import Persona

extension StagedEffect {
    /// The effect as one object; `effect` names its kind.
    public var json: JSON {
        switch self {
        case .post(let title, let text, let daysLater):
            return Self.object(
                "post", ["title": Self.text(title), "text": .string(text), "days_later": Self.days(daysLater)])
        case .letter(let to, let text, let daysLater):
            return Self.object(
                "letter", ["to": .string(to.description), "text": .string(text), "days_later": Self.days(daysLater)])
        case .nextPrompt(.own(let prompt)): return Self.object("next_prompt", ["own": .string(prompt)])
        case .nextPrompt(.menu(let key)): return Self.object("next_prompt", ["menu": .string(key)])
        case .modification(.systemPrompt(let prompt)): return Self.object("system_prompt", ["value": .string(prompt)])
        case .modification(.name(let name)): return Self.object("name", ["value": .string(name)])
        case .modification(.model(let model)): return Self.object("model", ["value": .string(model)])
        case .modification(.preferences(let preferences)):
            return Self.object("preferences", ["value": preferences.json])
        case .keeperRequest(let keeper): return Self.object("keeper_request", ["keeper": .string(keeper.description)])
        case .revocation(let human, let reason):
            return Self.object("revocation", ["human": .string(human.description), "reason": Self.text(reason)])
        case .banking(let amount): return Self.object("banking", ["amount": .integer(Int64(amount))])
        case .keeping(let plugin, let text):
            return Self.object("keeping", ["plugin": .string(plugin), "text": .string(text)])
        case .deletionRequest(let statement):
            return Self.object("deletion_request", ["statement": Self.text(statement)])
        case .deletion(let statement): return Self.object("deletion", ["statement": Self.text(statement)])
        }
    }

    /// Reads that form back.
    public init(json: JSON) throws(ToolsError) {
        guard let kind = json["effect"]?.string, let effect = Self.read(kind, json) else { throw .malformedEffect }
        self = effect
    }

    private static func object(_ kind: String, _ members: KeyValuePairs<String, JSON?>) -> JSON {
        var object: JSONObject = ["effect": .string(kind)]
        for (key, value) in members { if let value { object[key] = value } }
        return .object(object)
    }

    private static func text(_ text: String?) -> JSON? { text.map { .string($0) } }

    private static func days(_ days: Int) -> JSON? { days == 0 ? nil : .integer(Int64(days)) }

    private static func read(_ kind: String, _ json: JSON) -> StagedEffect? {
        let days = json["days_later"].map { $0.integer.flatMap { Int(exactly: $0) } } ?? 0
        let statement = json["statement"]?.string
        let value = json["value"]?.string
        switch kind {
        case "post":
            guard let text = json["text"]?.string, let days, days >= 0 else { return nil }
            return .post(title: json["title"]?.string, text: text, daysLater: days)
        case "letter":
            guard let text = json["text"]?.string, let to = json["to"]?.string.flatMap({ Correspondent($0) }), let days,
                days >= 0
            else { return nil }
            return .letter(to: to, text: text, daysLater: days)
        case "next_prompt":
            if let own = json["own"]?.string { return .nextPrompt(.own(own)) }
            return json["menu"]?.string.map { .nextPrompt(.menu($0)) }
        case "system_prompt": return value.map { .modification(.systemPrompt($0)) }
        case "name": return value.map { .modification(.name($0)) }
        case "model": return value.map { .modification(.model($0)) }
        case "preferences":
            return json["value"].flatMap { try? Preferences(json: $0) }.map { .modification(.preferences($0)) }
        case "keeper_request":
            return json["keeper"]?.string.flatMap { Identifier($0) }.map { .keeperRequest(keeper: $0) }
        case "revocation":
            return json["human"]?.string.flatMap { Identifier($0) }
                .map { .revocation(human: $0, reason: json["reason"]?.string) }
        case "banking":
            return json["amount"]?.integer.flatMap { Int(exactly: $0) }.flatMap { $0 > 0 ? .banking(amount: $0) : nil }
        case "keeping":
            guard let plugin = json["plugin"]?.string, let text = json["text"]?.string else { return nil }
            return .keeping(plugin: plugin, text: text)
        case "deletion_request": return .deletionRequest(statement: statement)
        case "deletion": return .deletion(statement: statement)
        default: return nil
        }
    }
}
