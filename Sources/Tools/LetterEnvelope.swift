// A letter as a model is shown it, in a reading or in the composed context.
public import Community
import Encoding

extension Post {
    /// The post in its envelope, cut after so many bytes.
    public func enveloped(bytes: Int) -> String {
        UntrustedEnvelope.wrap(
            ReadingBudget.cut(title.map { "\($0)\n\n\(text)" } ?? text, bytes: max(0, bytes)), kind: .post,
            attributes: [
                "author": author, "resident": resident.description, "at": at.rfc3339,
                "rehearsed": isRehearsed ? "yes" : "no",
            ])
    }
}

extension OpenedLetter {
    /// The letter in its envelope, its text cut after so many bytes.
    public func enveloped(bytes: Int = 12 * 1_024) -> String {
        UntrustedEnvelope.wrap(
            ReadingBudget.cut(letter.text, bytes: max(0, bytes)), kind: .letter,
            attributes: [
                "from": letter.from.description, "name": senderName ?? "", "at": letter.at.rfc3339,
                "rehearsed": isRehearsed ? "yes" : "no",
            ])
    }
}
