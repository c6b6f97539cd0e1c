// The members of one object of an imported file, read by name and type, with errors that name the field.
internal import Encoding

/// Reads members of an object and remembers which; the rest is what the importer does not know.
struct ImportFields {
    let path: String
    private let object: JSONObject
    private var used: Set<String> = []

    init(_ json: JSON, at path: String) throws(PersonaError) {
        guard let object = json.object else {
            throw .wrongType(field: path.isEmpty ? "document" : path, expected: "object")
        }
        self.init(object, at: path)
    }

    init(_ object: JSONObject, at path: String) {
        self.object = object
        self.path = path
    }

    /// The members that were not read.
    var rest: JSONObject {
        var left = JSONObject()
        for (key, value) in object where !used.contains(key) { left[key] = value }
        return left
    }

    /// The path of a member.
    func field(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// A member as it is; nil where it is absent or null.
    mutating func value(_ key: String) -> JSON? {
        used.insert(key)
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }

    /// A member as it is, which stays among the unread ones.
    func peek(_ key: String) -> JSON? {
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }

    /// A text; nil where it is absent, null or blank.
    mutating func text(_ key: String, limit: Int) throws(PersonaError) -> String? {
        guard let value = value(key) else { return nil }
        guard let text = value.string else { throw .wrongType(field: field(key), expected: "text") }
        let checked = try PersonaText.optional(text, limit: limit, field: field(key))
        return PersonaText.trimmingBlanks(checked).isEmpty ? nil : checked
    }

    /// A list; empty where it is absent or null.
    mutating func list(_ key: String, limit: Int) throws(PersonaError) -> [JSON] {
        guard let value = value(key) else { return [] }
        guard let array = value.array else { throw .wrongType(field: field(key), expected: "array") }
        guard array.count <= limit else { throw .tooMany(field: field(key), limit: limit) }
        return array
    }

    /// A truth value; nil where it is absent or null.
    mutating func bool(_ key: String) throws(PersonaError) -> Bool? {
        guard let value = value(key) else { return nil }
        guard let bool = value.bool else { throw .wrongType(field: field(key), expected: "true or false") }
        return bool
    }
}
