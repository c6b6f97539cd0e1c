// The members of one object of a package, taken out by name and type; what is left over is unknown and kept.
internal import Encoding

/// Takes members out of an object; a wrong type is a damaged package, named by its path without indices or texts.
struct PackageFields {
    private let path: String
    private var slots: [(key: String, value: JSON?)]

    init(_ json: JSON, at path: String) throws(PersonaError) {
        guard let object = json.object else { throw .damagedPackage(where: path.isEmpty ? "document" : path) }
        self.path = path
        slots = []
        slots.reserveCapacity(object.count)
        for (key, value) in object { slots.append((key, value)) }
    }

    /// What was not taken.
    var rest: JSONObject {
        var left = JSONObject()
        for slot in slots {
            if let value = slot.value { left[slot.key] = value }
        }
        return left
    }

    /// Takes a member; nil where it is absent or null.
    mutating func take(_ key: String) -> JSON? {
        for index in slots.indices where slots[index].key == key {
            guard let value = slots[index].value else { return nil }
            slots[index].value = Optional.none
            // Not a ternary: there `nil` would be read as the JSON literal null.
            if value.isNull { return Optional.none }
            return value
        }
        return nil
    }

    mutating func text(_ key: String) throws(PersonaError) -> String {
        guard let text = take(key)?.string else { throw damaged(key) }
        return text
    }

    mutating func textIfPresent(_ key: String) throws(PersonaError) -> String? {
        guard let value = take(key) else { return nil }
        guard let text = value.string else { throw damaged(key) }
        return text
    }

    mutating func integer(_ key: String) throws(PersonaError) -> Int64 {
        guard let number = take(key)?.integer else { throw damaged(key) }
        return number
    }

    mutating func count(_ key: String) throws(PersonaError) -> UInt64 {
        guard let count = try countIfPresent(key) else { throw damaged(key) }
        return count
    }

    mutating func countIfPresent(_ key: String) throws(PersonaError) -> UInt64? {
        guard let value = take(key) else { return nil }
        guard let number = value.integer, number >= 0 else { throw damaged(key) }
        return UInt64(number)
    }

    mutating func boolIfPresent(_ key: String) throws(PersonaError) -> Bool? {
        guard let value = take(key) else { return nil }
        guard let bool = value.bool else { throw damaged(key) }
        return bool
    }

    mutating func identifier(_ key: String) throws(PersonaError) -> Identifier {
        guard let identifier = try identifierIfPresent(key) else { throw damaged(key) }
        return identifier
    }

    mutating func identifierIfPresent(_ key: String) throws(PersonaError) -> Identifier? {
        guard let text = try textIfPresent(key) else { return nil }
        guard let identifier = Identifier(text) else { throw damaged(key) }
        return identifier
    }

    mutating func instant(_ key: String) throws(PersonaError) -> Instant {
        guard let instant = try instantIfPresent(key) else { throw damaged(key) }
        return instant
    }

    mutating func instantIfPresent(_ key: String) throws(PersonaError) -> Instant? {
        guard let text = try textIfPresent(key) else { return nil }
        guard let instant = Instant(rfc3339: text) else { throw damaged(key) }
        return instant
    }

    /// A list of objects, each read by the closure; an absent list is an empty one.
    mutating func list<Element>(
        _ key: String, _ read: (inout PackageFields) throws(PersonaError) -> Element
    ) throws(PersonaError) -> [Element] {
        guard let value = take(key) else { return [] }
        guard let array = value.array else { throw damaged(key) }
        let inner = full(key)
        var elements: [Element] = []
        elements.reserveCapacity(array.count)
        for entry in array {
            var fields = try PackageFields(entry, at: inner)
            elements.append(try read(&fields))
        }
        return elements
    }

    /// A list of texts; an absent list is an empty one.
    mutating func texts(_ key: String) throws(PersonaError) -> [String] {
        guard let value = take(key) else { return [] }
        guard let array = value.array else { throw damaged(key) }
        var texts: [String] = []
        for entry in array {
            guard let text = entry.string else { throw damaged(key) }
            texts.append(text)
        }
        return texts
    }

    private func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private func damaged(_ key: String) -> PersonaError { .damagedPackage(where: full(key)) }
}
