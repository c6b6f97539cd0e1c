// The schema of a tool's arguments, and the check of what a model sent against it.
public import Encoding

/// A JSON Schema object with the keywords that tools need: types, bounds, `enum`, `required`, and `maxBytes`.
public struct ArgumentSchema: Sendable, Hashable {
    /// The types an argument may have.
    enum ValueType: String, Sendable, Hashable, CaseIterable {
        case string
        case integer
        case number
        case boolean
        case object
        case array
    }

    /// One declared argument.
    struct Property: Sendable, Hashable {
        var name: String
        var description: String
        var types: [ValueType]
        /// The type of a list's items; any where nil.
        var itemType: ValueType?
        /// Bounds of a text in Unicode code points, as JSON Schema counts them.
        var minimumLength: Int?
        var maximumLength: Int?
        /// Bound of a text in UTF-8 bytes, or of an object or array as compact JSON; an extension of this project.
        var maximumBytes: Int?
        var minimum: Int64?
        var maximum: Int64?
        var choices: [String]
        var isRequired: Bool
    }

    let properties: [Property]

    /// The names of the arguments.
    public var names: [String] { properties.map(\.name) }

    /// The schema as providers take it: without `maxBytes`, which is no keyword of JSON Schema.
    public var declaration: JSON {
        var members = JSONObject()
        for property in properties { members[property.name] = property.declaration }
        var schema: JSONObject = ["type": "object", "properties": .object(members)]
        let required = properties.filter(\.isRequired).map { JSON.string($0.name) }
        if !required.isEmpty { schema["required"] = .array(required) }
        return .object(schema)
    }

    /// Checks what a model sent.
    public func check(_ arguments: JSONObject) -> CheckedArguments {
        var values = JSONObject()
        for property in properties {
            // Models write null for what they leave out.
            guard let given = arguments[property.name], !given.isNull else {
                if property.isRequired {
                    return CheckedArguments(fault: "The argument \"\(property.name)\" is required.")
                }
                continue
            }
            let value = property.normalised(given)
            if let fault = property.fault(of: value) { return CheckedArguments(fault: fault) }
            values[property.name] = value
        }
        let unknown = arguments.keys.filter { key in !properties.contains { $0.name == key } }
        return CheckedArguments(values: values, notes: Self.note(ignoring: unknown))
    }

    private static func note(ignoring unknown: [String]) -> [String] {
        guard !unknown.isEmpty else { return [] }
        let shown = unknown.prefix(5).map { key in
            let safe = TextSafety.forTerminal(key).filter { !$0.isNewline }
            return "\"\(safe.prefix(40))\(safe.count > 40 ? "…" : "")\""
        }
        let rest = unknown.count > shown.count ? " and \(unknown.count - shown.count) more" : ""
        return ["Ignored, because this tool has no such argument: \(shown.joined(separator: ", "))\(rest)."]
    }
}

/// What came of checking arguments.
public struct CheckedArguments: Sendable, Hashable {
    /// The declared arguments that were given; empty where there is a fault.
    public var values: JSONObject
    /// What to tell the model beside the result.
    public var notes: [String]
    /// What is wrong, worded for the model; nil when nothing is.
    public var fault: String?

    init(values: JSONObject = JSONObject(), notes: [String] = [], fault: String? = nil) {
        self.values = values
        self.notes = notes
        self.fault = fault
    }
}

extension ArgumentSchema.Property {
    fileprivate var declaration: JSON {
        let names = types.map { JSON.string($0.rawValue) }
        var members: JSONObject = ["type": names.count == 1 ? names[0] : .array(names)]
        members["description"] = .string(description)
        if let itemType { members["items"] = ["type": .string(itemType.rawValue)] }
        if !choices.isEmpty { members["enum"] = .array(choices.map { .string($0) }) }
        if let minimumLength { members["minLength"] = .integer(Int64(minimumLength)) }
        if let maximumLength { members["maxLength"] = .integer(Int64(maximumLength)) }
        if let minimum { members["minimum"] = .integer(minimum) }
        if let maximum { members["maximum"] = .integer(maximum) }
        return .object(members)
    }

    /// A whole number written as `5.0` is the integer 5 to JSON Schema.
    fileprivate func normalised(_ value: JSON) -> JSON {
        guard types.contains(.integer), case .number(let number) = value, let whole = Int64(exactly: number) else {
            return value
        }
        return .integer(whole)
    }

    fileprivate func fault(of value: JSON) -> String? {
        guard types.contains(where: { Self.isOf($0, value) }) else {
            let wanted = types.map { Self.article($0) }.joined(separator: " or ")
            return "The argument \"\(name)\" must be \(wanted), not \(Self.kind(of: value))."
        }
        switch value {
        case .string(let text): return fault(ofText: text)
        case .integer(let number): return fault(ofNumber: number)
        case .number(let number): return fault(ofFraction: number)
        case .array(let items):
            if let itemType, let wrong = items.first(where: { !Self.isOf(itemType, $0) }) {
                let wanted = Self.article(itemType)
                return "Each item of the argument \"\(name)\" must be \(wanted), not \(Self.kind(of: wrong))."
            }
            return fault(ofBytes: value.serialized().count)
        case .object: return fault(ofBytes: value.serialized().count)
        default: return nil
        }
    }

    private func fault(ofText text: String) -> String? {
        let count = text.unicodeScalars.count
        if let minimumLength, count < minimumLength {
            return minimumLength == 1
                ? "The argument \"\(name)\" must not be empty."
                : "The argument \"\(name)\" must have at least \(minimumLength) characters."
        }
        if let maximumLength, count > maximumLength {
            return "The argument \"\(name)\" may have at most \(maximumLength) characters; this has \(count)."
        }
        if text.utf8.contains(0) { return "The argument \"\(name)\" must not contain NUL characters." }
        if !choices.isEmpty, !choices.contains(text) {
            return "The argument \"\(name)\" must be one of: \(choices.joined(separator: ", "))."
        }
        return fault(ofBytes: text.utf8.count)
    }

    private func fault(ofNumber number: Int64) -> String? {
        if let minimum, number < minimum { return "The argument \"\(name)\" must be at least \(minimum)." }
        if let maximum, number > maximum { return "The argument \"\(name)\" must be at most \(maximum)." }
        return nil
    }

    private func fault(ofFraction number: Double) -> String? {
        if let minimum, number < Double(minimum) {
            return "The argument \"\(name)\" must be at least \(minimum)."
        }
        if let maximum, number > Double(maximum) { return "The argument \"\(name)\" must be at most \(maximum)." }
        return nil
    }

    private func fault(ofBytes count: Int) -> String? {
        guard let maximumBytes, count > maximumBytes else { return nil }
        return "The argument \"\(name)\" may have at most \(maximumBytes) bytes; this has \(count)."
    }

    /// A whole number is a number as well.
    private static func isOf(_ type: ArgumentSchema.ValueType, _ value: JSON) -> Bool {
        if type == .number, case .integer = value { return true }
        return Self.type(of: value) == type
    }

    private static func type(of value: JSON) -> ArgumentSchema.ValueType? {
        switch value {
        case .string: .string
        case .integer: .integer
        case .bool: .boolean
        case .object: .object
        case .array: .array
        case .number: .number
        case .null: nil
        }
    }

    private static func kind(of value: JSON) -> String {
        if case .number = value { return "a fraction" }
        return type(of: value).map(article) ?? "null"
    }

    private static func article(_ type: ArgumentSchema.ValueType) -> String {
        switch type {
        case .string: "a text"
        case .integer: "a whole number"
        case .number: "a number"
        case .boolean: "true or false"
        case .object: "an object"
        case .array: "a list"
        }
    }
}
