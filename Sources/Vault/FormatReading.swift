// What the two strict parsers make of any bytes, for tests in the package that feed them what nobody foresaw.

/// Reads the vault's formats and writes them again: what is accepted must come back as it was.
package enum FormatReading {
    /// The 284 bytes of the header that opens these bytes, written anew; nil where it is refused.
    package static func header(_ bytes: [UInt8]) -> [UInt8]? {
        guard let header = try? BlobHeader.parse(bytes, path: "blob") else { return nil }
        return header.prefixBytes() + header.wrappedKey + header.mac
    }

    /// The whole keyring of these bytes, written anew; nil where it is refused.
    package static func keyring(_ bytes: [UInt8]) -> [UInt8]? {
        guard let read = try? Keyring.parse(bytes, path: "keyring") else { return nil }
        return read.keyring.bodyBytes() + read.mac
    }
}
