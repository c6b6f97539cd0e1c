// The 284 bytes that open a blob: what they say, and a parser that refuses everything the format does not list.
public import Encoding

/// What a blob holds.
public enum BlobContent: UInt8, Sendable, CaseIterable {
    /// The persona package of one generation.
    case personaPackage = 1
    /// A piece of older history; its generation is its number.
    case episode = 2
}

/// How the plaintext of a blob was lengthened before it was sealed.
public enum BlobPadding: UInt8, Sendable {
    /// Not at all; only reference data and tests have this.
    case none = 0
    /// By zeros, up to Padmé of its length.
    case padme = 1
}

/// The header of a blob, version 1 (`vault.md`, "Blob v1").
public struct BlobHeader: Equatable, Sendable {
    /// The first bytes of every blob.
    static let magic: [UInt8] = [0x89, 0x53, 0x56, 0x4C, 0x54, 0x0D, 0x0A, 0x1A]
    /// The length of a header, its MAC included.
    public static let count = 284
    /// The longest plaintext, before padding: 64 MiB.
    public static let maximumPlaintextCount = 67_108_864
    static let bodyRange = 16..<124
    static let stanzaPrefixEnd = 148
    static let macOffset = 252

    /// The vault that the blob belongs to.
    public let vault: Identifier
    /// The resident that it belongs to.
    public let resident: Identifier
    /// Its own id, fresh at each seal.
    public let blob: Identifier
    /// 0 at admission, one more at each seal.
    public let generation: UInt64
    /// When it was sealed, milliseconds since 1970; advisory.
    public let createdMilliseconds: UInt64
    /// BLAKE3 of the header of the generation before, zeros for the first.
    public let previousHeaderHash: [UInt8]
    /// The length of the plaintext before padding.
    public let plaintextCount: Int
    /// What it holds.
    public let content: BlobContent
    /// How it was padded.
    public let padding: BlobPadding
    /// The id of the erasure key that wraps its data key.
    public let pekID: Identifier
    /// salt 24 | commitment 32 | data key 32 | tag 16; empty in a header that is being made.
    var wrappedKey: [UInt8] = []
    /// HMAC over all before it; empty in a header that is being made.
    var mac: [UInt8] = []

    /// The length of the plaintext as it was sealed.
    public var paddedCount: Int {
        padding == .none ? plaintextCount : Padme.paddedCount(plaintextCount)
    }

    /// The first 148 bytes: everything before the wrapped key's salt.
    func prefixBytes() -> [UInt8] {
        var writer = ByteWriter(capacity: Self.count)
        writer.append(Self.magic)
        writer.append(integer: UInt16(1))
        writer.append(integer: UInt16(1))
        writer.append(integer: UInt16(Self.count))
        writer.append(integer: UInt16(1))
        writer.append(vault.bytes)
        writer.append(resident.bytes)
        writer.append(blob.bytes)
        writer.append(integer: generation)
        writer.append(integer: createdMilliseconds)
        writer.append(previousHeaderHash)
        writer.append(integer: UInt64(plaintextCount))
        writer.append([content.rawValue, 0, padding.rawValue, 0])
        writer.append(integer: UInt16(1))
        writer.append(integer: UInt16(16))
        writer.append(integer: UInt32(104))
        writer.append(pekID.bytes)
        return writer.bytes
    }

    /// `B` of the format: version and suite, then everything from the vault id to the last reserved byte.
    static func boundBytes(_ header: some RandomAccessCollection<UInt8>) -> [UInt8] {
        let bytes = Array(header)
        return Array(bytes[8..<12]) + Array(bytes[bodyRange])
    }

    /// Reads a header; `path` is what a fault names.
    static func parse(_ bytes: [UInt8], path: String) throws(VaultError) -> BlobHeader {
        var fields = HeaderFields(reader: ByteReader(bytes), path: path)
        guard bytes.count >= count else {
            throw .fault(
                VaultFault(.truncated, path: path, field: "size", expected: ">=\(count)", found: "\(bytes.count)"))
        }
        try fields.expect(magic, "magic")
        try fields.expect(UInt16(1), "version")
        try fields.expect(UInt16(1), "suite")
        try fields.expect(UInt16(count), "header length")
        try fields.expect(UInt16(1), "stanza count")
        let vault = try fields.identifier("vault id")
        let resident = try fields.identifier("resident id")
        let blob = try fields.identifier("blob id")
        let generation: UInt64 = try fields.integer("generation")
        let created: UInt64 = try fields.integer("created")
        let previous = try fields.take(32, "previous header hash")
        let length: UInt64 = try fields.integer("plaintext length")
        guard length <= UInt64(maximumPlaintextCount) else {
            throw fields.malformed("plaintext length", expected: "<=\(maximumPlaintextCount)", found: "\(length)")
        }
        let contentCode: UInt8 = try fields.integer("content type")
        guard let content = BlobContent(rawValue: contentCode) else {
            throw fields.malformed("content type", expected: "1 or 2", found: "\(contentCode)")
        }
        try fields.expect(UInt8(0), "compression")
        let paddingCode: UInt8 = try fields.integer("padding")
        guard let padding = BlobPadding(rawValue: paddingCode) else {
            throw fields.malformed("padding", expected: "0 or 1", found: "\(paddingCode)")
        }
        try fields.expect(UInt8(0), "reserved byte")
        try fields.expect(UInt16(1), "stanza type")
        try fields.expect(UInt16(16), "stanza key id length")
        try fields.expect(UInt32(104), "stanza body length")
        let pekID = try fields.identifier("key id")
        return BlobHeader(
            vault: vault, resident: resident, blob: blob, generation: generation, createdMilliseconds: created,
            previousHeaderHash: previous, plaintextCount: Int(length), content: content, padding: padding,
            pekID: pekID, wrappedKey: try fields.take(104, "wrapped key"), mac: try fields.take(32, "header MAC"))
    }
}
