// The keyring's bytes: a strict parser and the writer that undoes it.
public import Encoding

/// A way to the keyring's key: the id by which it is found, and its kind.
public struct KeyringProvider: Hashable, Sendable {
    /// What the master key comes from.
    public enum Kind: Hashable, Sendable {
        /// 32 raw bytes; the key id is a check value of them.
        case rawMasterKey
        /// A passphrase of this cost; the key id is its salt.
        case passphrase(PassphraseCost)
    }

    /// The kind.
    public let kind: Kind
    /// 16 bytes: a check value of the master key, or a passphrase's salt.
    public let keyID: [UInt8]
    /// The keyring's key under master key and epoch secret, 104 bytes.
    let wrappedKey: [UInt8]

    var typeCode: UInt16 { kind == .rawMasterKey ? 1 : 2 }
}

/// One resident's erasure key, wrapped.
public struct KeyringEntry: Hashable, Sendable {
    /// Whose it is.
    public let resident: Identifier
    /// Its id, 16 random bytes; blobs and sealed fields name it.
    public let pekID: Identifier
    /// When it was made, milliseconds since 1970.
    public let createdMilliseconds: UInt64
    /// The erasure key under the keyring's key, 104 bytes.
    let wrappedKey: [UInt8]
}

/// The keyring, version 1 (`vault.md`, "Keyring"), as it is on disk.
struct Keyring: Equatable, Sendable {
    static let magic = Array("SVKR".utf8)
    static let wrappedCount = 104
    static let macCount = 32
    static let entryCount = 145
    static let maximumFileCount = 67_108_864

    let vault: Identifier
    let epoch: UInt64
    let providers: [KeyringProvider]
    /// Sorted by resident id, each once.
    let entries: [KeyringEntry]

    /// Everything before the MAC.
    func bodyBytes() -> [UInt8] {
        var writer = ByteWriter(capacity: 512 + entries.count * Self.entryCount)
        writer.append(Self.magic)
        writer.append(integer: UInt16(1))
        writer.append(integer: UInt16(0))
        writer.append(vault.bytes)
        writer.append(integer: epoch)
        writer.append(integer: UInt32(providers.count))
        for provider in providers {
            writer.append(integer: provider.typeCode)
            writer.append(integer: UInt16(provider.keyID.count))
            if case .passphrase(let cost) = provider.kind {
                writer.append(integer: UInt32(8 + Self.wrappedCount))
                writer.append(provider.keyID)
                writer.append(integer: cost.operations)
                writer.append(integer: cost.memoryKiB)
            } else {
                writer.append(integer: UInt32(Self.wrappedCount))
                writer.append(provider.keyID)
            }
            writer.append(provider.wrappedKey)
        }
        writer.append(integer: UInt32(entries.count))
        for entry in entries {
            writer.append(entry.resident.bytes)
            writer.append(entry.pekID.bytes)
            writer.append([1])
            writer.append(integer: entry.createdMilliseconds)
            writer.append(entry.wrappedKey)
        }
        return writer.bytes
    }

    /// Reads a keyring; every value that the format does not list, and any length but the exact one, is refused.
    static func parse(_ bytes: [UInt8], path: String) throws(VaultError) -> (keyring: Keyring, mac: [UInt8]) {
        var fields = HeaderFields(reader: ByteReader(bytes), path: path)
        try fields.expect(magic, "magic")
        try fields.expect(UInt16(1), "version")
        try fields.expect(UInt16(0), "flags")
        let vault = try fields.identifier("vault id")
        let epoch: UInt64 = try fields.integer("epoch")
        let providerCount: UInt32 = try fields.integer("provider count")
        guard (1...16).contains(providerCount) else {
            throw fields.malformed("provider count", expected: "1...16", found: "\(providerCount)")
        }
        var providers: [KeyringProvider] = []
        for _ in 0..<providerCount { providers.append(try provider(&fields)) }
        let entryTotal: UInt32 = try fields.integer("entry count")
        let expected = Int(entryTotal) * entryCount + macCount
        guard fields.reader.remaining == expected else {
            let kind: VaultFault.Kind = fields.reader.remaining < expected ? .truncated : .malformed
            throw .fault(
                VaultFault(
                    kind, path: path, field: "length", expected: "\(expected)",
                    found: "\(fields.reader.remaining)"))
        }
        var entries: [KeyringEntry] = []
        entries.reserveCapacity(Int(entryTotal))
        for _ in 0..<entryTotal {
            let entry = try entry(&fields)
            if let last = entries.last, last.resident >= entry.resident {
                throw fields.malformed(
                    "entry order", expected: "above \(last.resident)", found: entry.resident.description)
            }
            entries.append(entry)
        }
        let keyring = Keyring(vault: vault, epoch: epoch, providers: providers, entries: entries)
        return (keyring, try fields.take(macCount, "MAC"))
    }

    private static func provider(_ fields: inout HeaderFields) throws(VaultError) -> KeyringProvider {
        let type: UInt16 = try fields.integer("provider type")
        guard type == 1 || type == 2 else {
            throw fields.malformed("provider type", expected: "1 or 2", found: "\(type)")
        }
        try fields.expect(UInt16(16), "provider key id length")
        try fields.expect(UInt32(type == 1 ? wrappedCount : 8 + wrappedCount), "provider body length")
        let keyID = try fields.take(16, "provider key id")
        var kind = KeyringProvider.Kind.rawMasterKey
        if type == 2 {
            let operations: UInt32 = try fields.integer("passphrase operations")
            let memory: UInt32 = try fields.integer("passphrase memory")
            guard (1...10).contains(operations) else {
                throw fields.malformed("passphrase operations", expected: "1...10", found: "\(operations)")
            }
            guard (8...1_048_576).contains(memory) else {
                throw fields.malformed("passphrase memory", expected: "8...1048576", found: "\(memory)")
            }
            kind = .passphrase(PassphraseCost(operations: operations, memoryKiB: memory))
        }
        return KeyringProvider(
            kind: kind, keyID: keyID, wrappedKey: try fields.take(wrappedCount, "provider body"))
    }

    private static func entry(_ fields: inout HeaderFields) throws(VaultError) -> KeyringEntry {
        let resident = try fields.identifier("entry resident id")
        let pekID = try fields.identifier("entry key id")
        try fields.expect(UInt8(1), "entry state")
        let created: UInt64 = try fields.integer("entry created")
        return KeyringEntry(
            resident: resident, pekID: pekID, createdMilliseconds: created,
            wrappedKey: try fields.take(wrappedCount, "entry key"))
    }
}

/// What the ledger says of the keyring: its epoch and the BLAKE3 of the whole file.
public struct KeyringState: Hashable, Sendable {
    /// The epoch; one more at each deletion and master rotation.
    public let epoch: UInt64
    /// BLAKE3 of the file, 32 bytes.
    public let hash: [UInt8]

    /// A state as `keyring.written` carries it.
    public init(epoch: UInt64, hash: [UInt8]) {
        self.epoch = epoch
        self.hash = hash
    }

    var text: String { "epoch \(epoch), \(Blob.named(hash))" }
}
