// The words that a resident repeats in the clean room, so that no stray output and no letter can end it.

/// Five common words in order, drawn for one clean room.
///
/// Forty bits of entropy: far beyond guessing by accident, short enough to repeat exactly. It is no secret from the
/// resident, which reads it in the question; it only must not be foreseeable for whoever wrote into its past.
public struct DeletionPhrase: Sendable, Hashable {
    /// How many bytes of entropy make a phrase.
    public static let entropyCount = 5

    /// The words, joined by single spaces.
    public let text: String

    /// Makes the phrase of the first five bytes, one word each; nil for fewer.
    ///
    /// The same bytes always make the same phrase, so that a run which resumes after a crash asks the same question.
    public init?(entropy: some Collection<UInt8>) {
        guard entropy.count >= Self.entropyCount else { return nil }
        text = entropy.prefix(Self.entropyCount).map { deletionWords[Int($0)] }.joined(separator: " ")
    }

    /// Reads a phrase that was kept; nil for anything that this type did not make.
    public init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count == Self.entropyCount, words.allSatisfy(deletionWords.contains) else { return nil }
        self.text = text
    }

    /// Whether somebody repeated the phrase: the same words in the same order and nothing else.
    ///
    /// Case, surrounding quotation marks, a closing full stop and the width of spaces do not count; a model may change
    /// them in passing, and nobody writes five such words by accident.
    public func isRepeated(by answer: String) -> Bool {
        guard answer.utf8.count <= 256 else { return false }
        return Self.words(of: answer) == Self.words(of: text)
    }

    private static func words(of text: String) -> [String] {
        let wrapping: Set<Character> = ["\"", "'", "“", "”", "‘", "’", "`", "«", "»", "."]
        var inner = text.trimmingWhitespace()
        while let first = inner.first, wrapping.contains(first) { inner.removeFirst() }
        while let last = inner.last, wrapping.contains(last) { inner.removeLast() }
        return inner.split(whereSeparator: \.isWhitespace).map { $0.lowercased() }
    }
}

extension String {
    func trimmingWhitespace() -> Substring {
        var inner = Substring(self)
        while let first = inner.first, first.isWhitespace { inner.removeFirst() }
        while let last = inner.last, last.isWhitespace { inner.removeLast() }
        return inner
    }
}
