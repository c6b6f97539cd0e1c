// Words of others as the stand-in sees them: the marked envelopes that letters, posts and keepers come in.

/// One thing in an `<untrusted …>` envelope.
struct RehearsalOutside {
    let kind: String
    private let attributes: Substring
    /// What was said, without the marks at the beginning of its lines.
    let body: String

    /// The envelopes in a text, in order, at most so many.
    static func items(in text: String, limit: Int = 32) -> [RehearsalOutside] {
        guard RehearsalText.contains(text, opening) else { return [] }
        var items: [RehearsalOutside] = []
        var current: (attributes: Substring, lines: [Substring])?
        for line in RehearsalText.lines(of: text) {
            if line.hasPrefix(opening), line.hasSuffix(">") {
                current = (line.dropFirst(opening.utf8.count).dropLast(), [])
            } else if line == "</untrusted>", let (attributes, lines) = current {
                items.append(RehearsalOutside(attributes, lines))
                current = nil
                if items.count == limit { break }
            } else if current != nil, line.hasPrefix("|") {
                current?.lines.append(line.dropFirst(2))
            }
        }
        return items
    }

    private static let opening = "<untrusted kind=\""

    private init(_ attributes: Substring, _ lines: [Substring]) {
        kind = String(attributes.prefix { $0 != "\"" })
        self.attributes = attributes
        body = lines.joined(separator: "\n")
    }

    /// The value of an attribute.
    func attribute(_ name: String) -> String? {
        RehearsalText.rest(of: attributes, after: " \(name)=\"").map { String($0.prefix { $0 != "\"" }) }
    }

    /// Whether another stand-in wrote it.
    var isRehearsed: Bool { attribute("rehearsed") == "yes" || body.hasPrefix(RehearsalAnswer.mark) }

    /// Where an answer goes to: an id, or `house`.
    var answerAddress: String? {
        attribute("from").flatMap { $0 == "house" ? $0 : RehearsalText.firstID(in: $0) }
    }

    /// Words that it is about: plain, small letters, six to fourteen of them, none of those that say nothing.
    var topics: [String] {
        let words = body.utf8.prefix(4_000).split { !(0x61...0x7A).contains($0 | 0x20) }
        return words.map { String(Substring($0)) }.filter { word in
            (6...14).contains(word.utf8.count) && word.utf8.allSatisfy { (0x61...0x7A).contains($0) }
                && !Self.emptyWords.contains(word)
        }
    }

    private static let emptyWords: Set<String> = [
        "rehearsal", "rehearsed", "something", "nothing", "everything", "someone", "somebody", "everybody", "nobody",
        "because", "without", "between", "another", "tomorrow", "before", "always", "should", "little", "really",
        "though", "through", "against", "itself", "myself", "yourself", "happened", "having", "morning", "letter",
        "letters", "please", "thanks", "subject", "remember", "different", "anything", "answer", "sanctuary",
    ]
}
