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

    /// Who is meant: a whole id first, then a display name (else one in another case), and a prefix or suffix of an id.
    ///
    /// A name beats no id: what one resident is called and another's id ends in is ambiguous, because residents choose
    /// their names. Hyphens in digits do not count.
    public func resident(matching text: String) -> ResidentMatch {
        if let id = Identifier(text), let exact = self[id] { return .found(exact) }
        var named = residents.filter { $0.name == text }
        if named.isEmpty {
            let folded = text.lowercased()
            named = residents.filter { $0.name.lowercased() == folded }
        }
        let digits = Self.digits(of: text)
        let meant = residents.filter { resident in
            named.contains { $0.id == resident.id } || digits.map { Self.fits($0, resident.id) } ?? false
        }
        guard let first = meant.first else { return .notFound(suggestions: suggestions(for: text)) }
        return meant.count == 1 ? .found(first) : .ambiguous(meant)
    }

    private static func fits(_ digits: String, _ id: Identifier) -> Bool {
        id.hexDigits.hasPrefix(digits) || id.hexDigits.hasSuffix(digits)
    }

    /// The digits of a text that could be the beginning or end of an id.
    private static func digits(of text: String) -> String? {
        let digits = text.lowercased().filter { $0 != "-" }
        let isPart = digits.count >= minimumDigits && digits.count <= 32 && digits.allSatisfy(\.isHexDigit)
        return isPart ? digits : nil
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
