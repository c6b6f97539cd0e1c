// Reads an argument schema strictly: an unknown keyword is an error, because an ignored one would be a check not made.
import Encoding

/// How a definition is not what this version reads.
enum DefinitionFault: Error {
    /// The member is absent, of another type, or no member of a definition.
    case malformed(String)
    /// The name is none of the eleven.
    case unknownTool(String)
}

extension ArgumentSchema {
    init(reading json: JSON, at place: String) throws(DefinitionFault) {
        let members = try definitionMembers(json, at: place, allowed: ["type", "properties", "required"])
        guard members["type"]?.string == "object" else { throw DefinitionFault.malformed("\(place).type") }
        guard let declared = members["properties"]?.object else {
            throw DefinitionFault.malformed("\(place).properties")
        }
        var required: [String] = []
        if let listed = members["required"] {
            guard let names = listed.array?.map(\.string), names.allSatisfy({ $0 != nil }) else {
                throw DefinitionFault.malformed("\(place).required")
            }
            required = names.compactMap { $0 }
        }
        guard required.allSatisfy({ declared[$0] != nil }) else { throw DefinitionFault.malformed("\(place).required") }
        var read: [Property] = []
        for (name, property) in declared {
            read.append(
                try Property(
                    reading: property, name: name, isRequired: required.contains(name),
                    at: "\(place).properties.\(name)"))
        }
        properties = read
    }
}

extension ArgumentSchema.Property {
    private static let keywords: Set<String> = [
        "type", "description", "minLength", "maxLength", "maxBytes", "minimum", "maximum", "enum", "items",
    ]

    fileprivate init(reading json: JSON, name: String, isRequired: Bool, at place: String) throws(DefinitionFault) {
        let members = try definitionMembers(json, at: place, allowed: Self.keywords)
        func bound(_ keyword: String) throws(DefinitionFault) -> Int64? {
            guard let value = members[keyword] else { return nil }
            guard let number = value.integer, number >= 0 else {
                throw DefinitionFault.malformed("\(place).\(keyword)")
            }
            return number
        }
        func texts(_ value: JSON, _ keyword: String) throws(DefinitionFault) -> [String] {
            let found = value.array?.compactMap(\.string) ?? value.string.map { [$0] } ?? []
            guard !found.isEmpty, found.count == value.array?.count ?? 1 else {
                throw DefinitionFault.malformed("\(place).\(keyword)")
            }
            return found
        }
        guard let description = members["description"]?.string else {
            throw DefinitionFault.malformed("\(place).description")
        }
        let names = try texts(members["type"] ?? .null, "type")
        let types = names.compactMap(ArgumentSchema.ValueType.init(rawValue:))
        guard types.count == names.count else { throw DefinitionFault.malformed("\(place).type") }
        self.init(
            name: name, description: description, types: types,
            minimumLength: try bound("minLength").map { Int($0) },
            maximumLength: try bound("maxLength").map { Int($0) },
            maximumBytes: try bound("maxBytes").map { Int($0) }, minimum: try bound("minimum"),
            maximum: try bound("maximum"), choices: [], isRequired: isRequired)
        if let items = members["items"] {
            let item = try definitionMembers(items, at: "\(place).items", allowed: ["type"])
            guard types.contains(.array), let type = item["type"]?.string.flatMap(ArgumentSchema.ValueType.init)
            else { throw DefinitionFault.malformed("\(place).items") }
            itemType = type
        }
        if let listed = members["enum"] { choices = try texts(listed, "enum") }
    }
}

/// The members of an object that has no others than those allowed.
func definitionMembers(
    _ json: JSON, at place: String, allowed: Set<String>
) throws(DefinitionFault) -> JSONObject {
    guard let members = json.object else { throw DefinitionFault.malformed(place) }
    if let unknown = members.keys.first(where: { !allowed.contains($0) }) {
        throw DefinitionFault.malformed("\(place).\(unknown)")
    }
    return members
}
