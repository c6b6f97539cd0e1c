// A secret that several tasks may hold at once.

/// A secret with shared ownership, for storing in classes, actors and requests; wiped with its last owner.
///
/// What is kept is read-only. What lives no longer than one run or request stays writable between its guard pages: to
/// protect and release one takes two changes of protection, each of which stops all threads of the process.
public final class SharedSecret: Sendable, CustomStringConvertible, CustomReflectable {
    /// The bytes, to be lent and never copied out.
    public let bytes: SecretBytes

    /// Takes over a secret that is kept, such as a key of the house, and makes it read-only.
    public init(_ secret: consuming SecretBytes) { bytes = secret.protected() }

    /// Takes over a secret that is gone with the run or request that it belongs to; its memory stays as it is.
    public init(passing secret: consuming SecretBytes) { bytes = secret }

    /// A constant text, so that printing one tells nothing.
    public var description: String { "SharedSecret(redacted)" }

    /// A mirror without children, so that dumping one tells nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
