// Sealing and opening the bytes of one blob, in the order of checks that the format prescribes.
internal import Cryptography
internal import Encoding

/// What the ledger says is current: a resident's generation and the BLAKE3 of its blob's header.
public struct Generation: Hashable, Sendable {
    /// The number, 0 at admission.
    public let number: UInt64
    /// BLAKE3 of the 284 header bytes; 32 bytes.
    public let headerHash: [UInt8]

    /// A generation as the ledger carries it.
    public init(number: UInt64, headerHash: [UInt8]) {
        self.number = number
        self.headerHash = headerHash
    }
}

/// The construction of blob v1 over bytes in memory.
enum Blob {
    static let wrapLabel = Array("sanctuary/dek-wrap/v1\0".utf8)
    static let payloadLabel = Array("sanctuary/blob/v1\0".utf8)
    static let macLabel = Array("sanctuary/header-mac/v1".utf8)
    static let smallestCount = BlobHeader.count + ChunkedEncryption.sealedCount(plaintextCount: 0)
    static let largestCount =
        BlobHeader.count + ChunkedEncryption.sealedCount(plaintextCount: BlobHeader.maximumPlaintextCount)

    /// What a blob must be to be opened.
    struct Expectation {
        let path: String
        let vault: Identifier
        let resident: Identifier
        let content: BlobContent
        let generation: Generation
    }

    /// The random parts of one seal.
    struct Salts {
        let wrap: [UInt8]
        let payload: [UInt8]
    }

    /// Seals a plaintext; `header` has everything but the wrapped key and the MAC.
    ///
    /// `memory` is an array whose content nobody needs; the blob is made in it where it is large enough.
    static func seal(
        _ plaintext: borrowing SecretBytes, header: BlobHeader, pek: borrowing SecretBytes,
        dek: borrowing SecretBytes, salts: Salts, in memory: consuming [UInt8] = []
    ) throws(VaultError) -> [UInt8] {
        let prefix = header.prefixBytes()
        let bound = BlobHeader.boundBytes(prefix)
        let stanza = prefix[124..<BlobHeader.stanzaPrefixEnd]
        do throws(CryptographyError) {
            var bytes = prefix
            bytes += try ChunkedEncryption.seal(
                key: pek, context: wrapLabel + bound + stanza, plaintext: dek, salt: salts.wrap)
            bytes += mac(of: bytes, dek: dek)
            return try sealed(
                plaintext, behind: bytes, header: header, dek: dek, context: payloadLabel + bound, salt: salts.payload,
                in: memory)
        } catch {
            throw .cryptography(error)
        }
    }

    /// The header's bytes and the payload behind them, sealed where it stays: nothing of it is copied.
    private static func sealed(
        _ plaintext: borrowing SecretBytes, behind headerBytes: [UInt8], header: BlobHeader, dek: borrowing SecretBytes,
        context: [UInt8], salt: [UInt8], in memory: consuming [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        let size = expectedCount(header)
        var bytes = memory
        if bytes.count > size { bytes.removeLast(bytes.count - size) }
        if bytes.count < size {
            bytes.reserveCapacity(size)
            bytes.append(contentsOf: repeatElement(0, count: size - bytes.count))
        }
        var span = bytes.mutableSpan
        try span.withUnsafeMutableBytes { blob throws(CryptographyError) in
            blob.copyBytes(from: headerBytes)
            let payload = UnsafeMutableRawBufferPointer(rebasing: blob[headerBytes.count...])
            try plaintext.withUnsafeBytes { plaintext throws(CryptographyError) in
                try ChunkedEncryption.seal(
                    key: dek, context: context, plaintext: plaintext, zeroPaddedTo: header.paddedCount, salt: salt,
                    into: payload)
            }
        }
        return bytes
    }

    /// Opens a blob that must be the expected one; nothing is released before every check held.
    static func open(
        _ bytes: [UInt8], expecting: Expectation, pekID: Identifier, pek: borrowing SecretBytes
    ) throws(VaultError) -> SecretBytes {
        let path = expecting.path
        let header = try BlobHeader.parse(Array(bytes.prefix(BlobHeader.count)), path: path)
        try checkOwner(header, expecting: expecting)
        try checkSize(bytes.count, header: header, path: path)
        guard header.pekID == pekID else {
            throw .fault(
                VaultFault(
                    .altered, path: path, field: "key id", expected: pekID.hexDigits, found: header.pekID.hexDigits))
        }
        let headerBytes = Array(bytes[..<BlobHeader.count])
        let bound = BlobHeader.boundBytes(headerBytes)
        let stanza = headerBytes[124..<BlobHeader.stanzaPrefixEnd]
        let dek = try checked("wrapped key", path: path) { () throws(CryptographyError) in
            try ChunkedEncryption.open(key: pek, context: wrapLabel + bound + stanza, sealed: header.wrappedKey)
        }
        try checkMAC(headerBytes, header: header, dek: dek, path: path)
        try checkGeneration(headerBytes, header: header, expecting: expecting)
        let padded = try checked("payload", path: path) { () throws(CryptographyError) in
            try ChunkedEncryption.open(
                key: dek, context: payloadLabel + bound, sealed: bytes[BlobHeader.count...])
        }
        return try unpadded(padded, count: header.plaintextCount, path: path)
    }

    static func mac(of header: [UInt8], dek: borrowing SecretBytes) -> [UInt8] {
        Array(HMACSHA512.authenticate(expanding: dek, info: macLabel, header).prefix(32))
    }

    /// Owner and kind of a blob, told before any key is used so that a swap has its own name.
    static func checkOwner(_ header: BlobHeader, expecting: Expectation) throws(VaultError) {
        guard header.vault == expecting.vault else {
            throw .fault(
                VaultFault(
                    .foreign, path: expecting.path, field: "vault id", expected: expecting.vault.hexDigits,
                    found: header.vault.hexDigits))
        }
        guard header.resident == expecting.resident else {
            throw .fault(
                VaultFault(
                    .swapped, path: expecting.path, field: "resident id", expected: expecting.resident.description,
                    found: header.resident.description))
        }
        guard header.content == expecting.content else {
            throw .fault(
                VaultFault(
                    .malformed, path: expecting.path, field: "content type", expected: "\(expecting.content.rawValue)",
                    found: "\(header.content.rawValue)"))
        }
    }

    /// The size that the header's length and padding demand.
    static func expectedCount(_ header: BlobHeader) -> Int {
        BlobHeader.count + ChunkedEncryption.sealedCount(plaintextCount: header.paddedCount)
    }

    static func checkSize(_ count: Int, header: BlobHeader, path: String) throws(VaultError) {
        let expected = expectedCount(header)
        guard count == expected else {
            throw .fault(
                VaultFault(
                    count < expected ? .truncated : .altered, path: path, field: "size", expected: "\(expected)",
                    found: "\(count)"))
        }
    }

    private static func checkMAC(
        _ headerBytes: [UInt8], header: BlobHeader, dek: borrowing SecretBytes, path: String
    ) throws(VaultError) {
        let expected = mac(of: Array(headerBytes[..<BlobHeader.macOffset]), dek: dek)
        guard ConstantTime.equal(expected, header.mac) else { throw altered("header MAC", path: path) }
    }

    static func checkGeneration(
        _ headerBytes: [UInt8], header: BlobHeader, expecting: Expectation
    ) throws(VaultError) {
        let wanted = expecting.generation
        guard header.generation == wanted.number else {
            throw .fault(
                VaultFault(
                    header.generation < wanted.number ? .rolledBack : .unexpected, path: expecting.path,
                    field: "generation", expected: "\(wanted.number)", found: "\(header.generation)"))
        }
        let hash = BLAKE3.hash(headerBytes)
        guard hash == wanted.headerHash else {
            throw .fault(
                VaultFault(
                    .altered, path: expecting.path, field: "header hash", expected: named(wanted.headerHash),
                    found: named(hash)))
        }
    }

    /// The plaintext without its padding, which must be zeros.
    private static func unpadded(
        _ padded: consuming SecretBytes, count: Int, path: String
    ) throws(VaultError) -> SecretBytes {
        guard padded.count > count else { return padded }
        let zeros = padded.withUnsafeBytes { $0[count...].allSatisfy { $0 == 0 } }
        guard zeros else {
            throw .fault(
                VaultFault(.malformed, path: path, field: "padding", expected: "zeros", found: "other bytes"))
        }
        return padded.prefix(count)
    }

    /// A BLAKE3 hash as the ledger writes it.
    static func named(_ hash: [UInt8]) -> String { "blake3:\(Hex.encode(hash))" }

    static func altered(_ field: String, path: String) -> VaultError {
        .fault(VaultFault(.altered, path: path, field: field, expected: "authentic", found: "altered"))
    }

    /// Turns a failed check of sealed bytes into a fault that names the field.
    static func checked(
        _ field: String, path: String, _ body: () throws(CryptographyError) -> SecretBytes
    ) throws(VaultError) -> SecretBytes {
        do throws(CryptographyError) {
            return try body()
        } catch {
            switch error {
            case .commitmentMismatch: throw altered("\(field) commitment", path: path)
            case .authenticationFailed: throw altered(field, path: path)
            default: throw .cryptography(error)
            }
        }
    }
}
