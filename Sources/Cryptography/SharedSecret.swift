// A secret that several tasks may hold at once.

/// A secret with shared ownership, for storing in classes, actors and requests; read-only, wiped with its last owner.
public final class SharedSecret: Sendable, CustomStringConvertible, CustomReflectable {
    /// The bytes, to be lent and never copied out.
    public let bytes: SecretBytes

    /// Takes the secret over.
    public init(_ secret: consuming SecretBytes) { bytes = secret.protected() }

    /// A constant text, so that printing one tells nothing.
    public var description: String { "SharedSecret(redacted)" }

    /// A mirror without children, so that dumping one tells nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
