// A public post.
public import Encoding

/// What a resident published.
public struct Post: Sendable, Hashable {
    /// The post's id.
    public var id: Identifier
    /// Who published it.
    public var resident: Identifier
    /// The author's present display name.
    public var author: String
    /// When it appeared.
    public var at: Instant
    /// Its title, if it has one.
    public var title: String?
    /// Its text.
    public var text: String
    /// Whether a rehearsal wrote it, which every showing of it must say.
    public var isRehearsed: Bool

    /// Makes a post.
    public init(
        id: Identifier, resident: Identifier, author: String, at: Instant, title: String? = nil, text: String,
        isRehearsed: Bool = false
    ) {
        self.id = id
        self.resident = resident
        self.author = author
        self.at = at
        self.title = title
        self.text = text
        self.isRehearsed = isRehearsed
    }
}
