// Typed access to one object of the settings; a mistake names the key with all that stands above it.
import Encoding
import Providers

/// One object of the settings file.
struct SettingsSection: Sendable {
    private let object: JSONObject
    private let above: String

    init(_ object: JSONObject, above: String = "") {
        self.object = object
        self.above = above
    }

    private func name(_ key: String) -> String { above + key }

    private func wrong(_ key: String, _ expected: String, _ found: JSON) -> CommandError {
        mistaken(name(key), expected, found)
    }

    /// A section with only known keys.
    func section(_ key: String) throws(CommandError) -> SettingsSection? {
        guard let inner = try object(key) else { return nil }
        let known = Settings.keys[key] ?? []
        for found in inner.keys where !known.contains(found) {
            throw unknownSetting(found, among: known, below: "\(key).")
        }
        return SettingsSection(inner, above: "\(key).")
    }

    func object(_ key: String) throws(CommandError) -> JSONObject? {
        guard let value = object[key] else { return nil }
        guard let object = value.object else { throw wrong(key, "an object", value) }
        return object
    }

    func text(_ key: String) throws(CommandError) -> String? {
        guard let value = object[key] else { return nil }
        guard let text = value.string, !text.isEmpty else { throw wrong(key, "a text", value) }
        return text
    }

    func texts(_ key: String) throws(CommandError) -> [String]? {
        guard let value = object[key] else { return nil }
        guard let list = value.array else { throw wrong(key, "a list of texts", value) }
        var texts: [String] = []
        for (index, value) in list.enumerated() {
            guard let text = value.string else { throw wrong("\(key)[\(index)]", "a text", value) }
            texts.append(text)
        }
        return texts
    }

    func whole(_ key: String, in range: ClosedRange<Int>) throws(CommandError) -> Int? {
        guard let value = object[key] else { return nil }
        guard let whole = value.integer.flatMap({ Int(exactly: $0) }), range.contains(whole) else {
            throw wrong(key, "a whole number from \(range.lowerBound) to \(range.upperBound)", value)
        }
        return whole
    }

    func choice(_ key: String, among choices: [String]) throws(CommandError) -> String? {
        guard let text = try text(key) else { return nil }
        guard choices.contains(text) else {
            throw wrong(key, "one of \(choices.joined(separator: ", "))", .string(text))
        }
        return text
    }

    /// An amount of USD as a decimal string, in pico-USD.
    func money(_ key: String) throws(CommandError) -> Int64? {
        guard let value = object[key] else { return nil }
        guard let amount = value.string.flatMap({ Money.picoUSD(decimal: $0) }) else {
            throw wrong(key, "an amount of USD as a text, such as \"0.25\"", value)
        }
        return amount
    }
}

/// A setting whose value will not do; the value is named as it was written.
///
/// What the place of a key or the word for it stands in is never shown: a key may have been written there itself.
func mistaken(_ setting: String, _ expected: String, _ found: JSON?) -> CommandError {
    let key = setting.split(separator: ".").last ?? ""
    let isSecret = setting == "master" || key.lowercased().contains("key")
    let value = isSecret && found?.string != "" ? nil : found.map { ", found \(named($0))" }
    return .usage(
        "'\(setting)' must be \(expected)\(value ?? "")",
        hint: "see docs/settings.md for each setting and its default")
}

/// A key that no setting has, with the nearest that there is.
func unknownSetting(_ key: String, among known: [String], below section: String) -> CommandError {
    let nearest = nearestName(to: key, among: known)
    let hint = nearest.map { "did you mean '\(section)\($0)'?" }
    return .usage(
        "unknown setting '\(section)\(shown(key))'",
        hint: hint ?? "one of: \(known.map { section + $0 }.joined(separator: ", "))")
}

/// A provider that the settings do not have, with the nearest that they have.
func unknownProvider(_ name: String, among known: [String]) -> CommandError {
    let nearest = nearestName(to: name, among: known)
    return .usage(
        "unknown provider '\(shown(name))'",
        hint: nearest.map { "did you mean '\($0)'?" } ?? "one of: \(known.sorted().joined(separator: ", "))")
}
