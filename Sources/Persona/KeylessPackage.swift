// A package whose own key is put away, so that its texts may wait where no key may.
public import Cryptography

/// A package without the secret of its inbox; everything else of it is there, and nothing of it can be read or sealed
/// before the secret is back.
public struct KeylessPackage: Sendable {
    private static let noSecret = SharedSecret(SecretBytes(copying: []))

    private let package: PersonaPackage

    fileprivate init(_ package: PersonaPackage) {
        var package = package
        package.inboxSecret = Self.noSecret
        self.package = package
    }

    /// The package as it was; `secret` is the one that it was parted from.
    public func with(_ secret: SharedSecret) -> PersonaPackage {
        var package = package
        package.inboxSecret = secret
        return package
    }
}

extension PersonaPackage {
    /// Everything of the package but its key.
    public func withoutKey() -> KeylessPackage { KeylessPackage(self) }
}
