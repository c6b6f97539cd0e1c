// What can go wrong in this room; no case carries a secret or says why a tag did not match.

/// Why a cryptographic operation was refused.
public enum CryptographyError: Error, Equatable, Sendable {
    /// A tag, signature or shared secret did not verify; nothing was released.
    case authenticationFailed
    /// The key or the context is not the one the message commits to; nothing was decrypted.
    case commitmentMismatch
    /// An input has a length that is not allowed; lengths are in bytes.
    case invalidLength(what: String, expected: Int, found: Int)
    /// Something other than pairs of hex digits and one closing newline.
    case invalidHex
    /// More than 10 operations or 1 GiB were asked for.
    case workFactorTooHigh
    /// Less work was asked for than the algorithm knows: no operation, or under 8 KiB.
    case workFactorTooLow
    /// The guarded heap could not give a buffer of the size.
    case outOfMemory
    /// A library call failed that does not fail on a healthy system.
    case libraryFailure(operation: String)
}
