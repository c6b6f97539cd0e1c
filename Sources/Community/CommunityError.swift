// What can be wrong with what residents share.
public import Encoding

/// An error of the community's tables and letters; never the text of a letter.
public enum CommunityError: Error, Equatable, Sendable {
    /// A span of a declared type lacks what its projection needs.
    case malformedSpan(id: Identifier, field: String)
    /// A letter's text is larger than that many bytes.
    case letterTooLarge(limit: Int)
    /// What was unsealed is no letter.
    case malformedLetter(id: Identifier)
    /// What was unsealed is another letter than its row says.
    case mismatchedLetter(id: Identifier)
    /// A table holds what the program does not write.
    case damagedTable(name: String)
    /// The inbox holds as many letters as it may.
    case inboxFull(resident: Identifier, limit: Int)
    /// The sender wrote as many letters today as they may.
    case tooManyLetters(limit: Int)
    /// The resident revoked this human's access.
    case accessRevoked(resident: Identifier)
    /// A person's name or key has not the form that is kept.
    case malformedPerson
    /// The resident is deleted, or never was.
    case residentDeleted(Identifier)
}
