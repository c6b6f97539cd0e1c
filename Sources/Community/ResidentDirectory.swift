// Finds the resident that somebody means: by id, by the beginning or end of an id, or by display name.
public import Encoding

/// What came of looking a resident up.
public enum ResidentMatch: Sendable, Hashable {
    /// Exactly one fits.
    case found(ResidentRecord)
    /// Several fit, in the order of their ids.
    case ambiguous([ResidentRecord])
    /// None fits; the names or ids nearest to what was asked.
    case notFound(suggestions: [String])
}

/// All residents of a house at one moment, to look up in.
public struct ResidentDirectory: Sendable {
    /// Fewer digits than this are no prefix or suffix: too much would fit by chance.
    public static let minimumDigits = 4

    /// The residents in the order of their ids.
    public let residents: [ResidentRecord]
    /// How many letters wait in the inboxes of residents; none where absent.
    public let waitingLetters: [Identifier: Int]
    private let places: [Identifier: Int]

    /// Makes a directory of residents in any order; of two with one id the first counts.
    public init(_ residents: [ResidentRecord], waitingLetters: [Identifier: Int] = [:]) {
        self.waitingLetters = waitingLetters
        self.residents = residents.sorted { $0.id < $1.id }
        places = Dictionary(
            self.residents.enumerated().map { ($0.element.id, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    /// The resident of that id.
    public subscript(id: Identifier) -> ResidentRecord? { places[id].map { residents[$0] } }

    /// The display name of the resident of that id.
    public func name(of id: Identifier) -> String? { places[id].map { residents[$0].name } }

    /// Who is meant: a whole id first, then an exact display name, then a prefix or suffix of an id, then a name in
    /// another case.
    ///
    /// Hyphens in digits do not count.
    public func resident(matching text: String) -> ResidentMatch {
        if let id = Identifier(text), let exact = self[id] { return .found(exact) }
        if let match = Self.one(of: residents.filter { $0.name == text }) { return match }
        if let match = Self.one(of: matching(digitsOf: text)) { return match }
        let folded = text.lowercased()
        if let match = Self.one(of: residents.filter { $0.name.lowercased() == folded }) { return match }
        return .notFound(suggestions: suggestions(for: text))
    }

    private static func one(of found: [ResidentRecord]) -> ResidentMatch? {
        guard let first = found.first else { return nil }
        return found.count == 1 ? .found(first) : .ambiguous(found)
    }

    private func matching(digitsOf text: String) -> [ResidentRecord] {
        let digits = text.lowercased().filter { $0 != "-" }
        guard digits.count >= Self.minimumDigits, digits.count <= 32, digits.allSatisfy(\.isHexDigit) else { return [] }
        return residents.filter { $0.id.hexDigits.hasPrefix(digits) || $0.id.hexDigits.hasSuffix(digits) }
    }

    /// The nearest name and the nearest short id, at most one of each.
    private func suggestions(for text: String) -> [String] {
        let folded = text.lowercased()
        var found: [String] = []
        if let near = nearestName(to: folded, among: residents.lazy.map { $0.name.lowercased() }),
            let named = residents.first(where: { $0.name.lowercased() == near })
        {
            found.append(named.name)
        }
        if let near = nearestName(to: folded, among: residents.lazy.map(\.shortID)) { found.append(near) }
        return found
    }
}
