// What a resident wants of the house: models in order, providers it declines, and whatever else it notes there.
public import Encoding

/// A resident's preferences; two keys mean something to the house, all others are the resident's own.
public struct Preferences: Sendable, Hashable {
    /// Models by preference, `PROVIDER/MODEL`; the engine uses those that the operator's settings know.
    public private(set) var models: [String]
    /// Providers that must not be asked for this resident.
    public private(set) var declinedProviders: [String]
    /// The resident's own keys.
    public private(set) var other: JSONObject

    /// No preferences.
    public init() {
        models = []
        declinedProviders = []
        other = [:]
    }

    /// Preferences from their JSON form, every field checked (S4-103, B-62).
    ///
    /// - Parameters:
    ///   - json: an object; `models` and `declined_providers` are arrays of texts, other keys are free.
    ///   - field: how the object is named in errors.
    /// - Throws: ``PersonaError`` `.wrongType`, `.tooDeep`, `.tooMany`, `.invalidName` or `.textTooLong`.
    public init(json: JSON, field: String = "preferences") throws(PersonaError) {
        guard let object = json.object else { throw .wrongType(field: field, expected: "object") }
        guard Self.isWithin(PersonaLimits.preferencesDepth, json) else {
            throw .tooDeep(field: field, limit: PersonaLimits.preferencesDepth)
        }
        guard json.serialized().count <= PersonaLimits.preferencesBytes else {
            throw .textTooLong(field: field, limit: PersonaLimits.preferencesBytes, unit: .bytes)
        }
        models = try Self.names(
            object["models"], "\(field).models", limit: PersonaLimits.preferredModels, Self.isModelName)
        declinedProviders = try Self.names(
            object["declined_providers"], "\(field).declined_providers", limit: PersonaLimits.declinedProviders,
            Self.isProviderName)
        var rest = object
        rest["models"] = nil
        rest["declined_providers"] = nil
        other = rest
    }

    /// The JSON form; the two known keys first, and only where they have entries.
    public var json: JSON {
        var object = JSONObject()
        if !models.isEmpty { object["models"] = .array(models.map { .string($0) }) }
        if !declinedProviders.isEmpty { object["declined_providers"] = .array(declinedProviders.map { .string($0) }) }
        for (key, value) in other { object[key] = value }
        return .object(object)
    }

    /// Puts a model first; it moves there if it is in the list already, and the last one goes where the list is full.
    public mutating func prefer(_ model: String) throws(PersonaError) {
        guard Self.isModelName(model) else { throw .invalidName(field: "model") }
        models = Array(([model] + models.filter { $0 != model }).prefix(PersonaLimits.preferredModels))
    }

    /// Takes every model out of the list, as an import's own list is a suggestion only.
    mutating func removeModels() { models = [] }

    /// Whether a text can be a provider's name: 1 to 64 letters, digits, `-`, `_` or `.`.
    public static func isProviderName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
                default: false
                }
            }
    }

    /// Whether a text can be `PROVIDER/MODEL`, by the one rule that settings and options keep too.
    public static func isModelName(_ text: String) -> Bool { ModelText.parts(of: text) != nil }

    /// Whether a value is nested no deeper than a limit; the walk ends at the limit.
    private static func isWithin(_ depth: Int, _ json: JSON) -> Bool {
        switch json {
        case .array(let values): depth > 0 && values.allSatisfy { isWithin(depth - 1, $0) }
        case .object(let members): depth > 0 && members.allSatisfy { isWithin(depth - 1, $0.value) }
        default: true
        }
    }

    private static func names(
        _ value: JSON?, _ field: String, limit: Int, _ isValid: (String) -> Bool
    ) throws(PersonaError) -> [String] {
        guard let value, !value.isNull else { return [] }
        guard let array = value.array else { throw .wrongType(field: field, expected: "array of texts") }
        guard array.count <= limit else { throw .tooMany(field: field, limit: limit) }
        var names: [String] = []
        for (index, entry) in array.enumerated() {
            guard let name = entry.string else { throw .wrongType(field: "\(field)[\(index)]", expected: "text") }
            guard isValid(name) else { throw .invalidName(field: "\(field)[\(index)]") }
            if !names.contains(name) { names.append(name) }
        }
        return names
    }
}
