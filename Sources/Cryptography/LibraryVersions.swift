// The versions of the libraries behind this room, for `doctor`.
internal import COpenSSL
internal import CSodium

/// What the process really runs with, as the libraries themselves say.
public enum CryptographyLibraries {
    /// OpenSSL's version, such as `3.0.19`.
    public static var openSSL: String { String(cString: OpenSSL_version(OPENSSL_VERSION_STRING)) }
    /// libsodium's version, such as `1.0.18`.
    public static var sodium: String { String(cString: sodium_version_string()) }
}
