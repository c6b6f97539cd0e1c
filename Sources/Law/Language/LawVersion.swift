// The name and version of a law, such as `midnight_deadline:1.0.0`.

/// A version by the rules of SemVer 2.0.0, without build metadata.
public struct LawVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Incompatible changes.
    public let major: Int
    /// Compatible additions.
    public let minor: Int
    /// Corrections.
    public let patch: Int
    /// The identifiers after a hyphen; none for a release.
    public let prerelease: [String]

    private static let maximumBytes = 64

    /// Reads `1.2.3` or `1.2.3-rc.1`; nil for anything else.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.maximumBytes else { return nil }
        let halves = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = halves[0].split(separator: ".", omittingEmptySubsequences: false).map { Self.number($0) }
        guard numbers.count == 3, let major = numbers[0], let minor = numbers[1], let patch = numbers[2] else {
            return nil
        }
        var identifiers: [String] = []
        if halves.count == 2 {
            identifiers = halves[1].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard identifiers.allSatisfy(Self.isIdentifier) else { return nil }
        }
        (self.major, self.minor, self.patch, prerelease) = (major, minor, patch, identifiers)
    }

    /// The text that it was read from.
    public var description: String {
        "\(major).\(minor).\(patch)" + (prerelease.isEmpty ? "" : "-" + prerelease.joined(separator: "."))
    }

    /// Precedence as SemVer 2.0.0 has it, section 11.
    public static func < (left: LawVersion, right: LawVersion) -> Bool {
        let (a, b) = ((left.major, left.minor, left.patch), (right.major, right.minor, right.patch))
        if a != b { return a < b }
        if left.prerelease.isEmpty || right.prerelease.isEmpty {
            return !left.prerelease.isEmpty && right.prerelease.isEmpty
        }
        for (one, other) in zip(left.prerelease, right.prerelease) where one != other {
            switch (number(one[...]), number(other[...])) {
            case (let first?, let second?): return first < second
            case (.some, nil): return true
            case (nil, .some): return false
            case (nil, nil): return Array(one.utf8).lexicographicallyPrecedes(Array(other.utf8))
            }
        }
        return left.prerelease.count < right.prerelease.count
    }

    /// Digits without a leading zero; nil for other text.
    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.count <= 9, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            return nil
        }
        return text.utf8.count > 1 && text.hasPrefix("0") ? nil : Int(text)
    }

    private static func isIdentifier(_ text: String) -> Bool {
        let isNumeric = text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
        guard !text.isEmpty, !isNumeric || number(text[...]) != nil else { return false }
        return text.utf8.allSatisfy {
            ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || $0 == 0x2D
        }
    }
}

/// Which law: its name and version.
public struct LawID: Sendable, Hashable, CustomStringConvertible {
    /// The name: an ASCII letter, then letters, digits and underscores, at most 64.
    public let name: String
    /// The version.
    public let version: LawVersion

    /// Makes an id; nil where the name is none.
    public init?(name: String, version: LawVersion) {
        guard LawScanner.isName(name) else { return nil }
        (self.name, self.version) = (name, version)
    }

    /// Reads `name:1.0.0`; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let version = LawVersion(String(parts[1])) else { return nil }
        self.init(name: String(parts[0]), version: version)
    }

    /// The text of the id.
    public var description: String { "\(name):\(version)" }
}
