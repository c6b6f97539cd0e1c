// What is derived from a resident's erasure key: sealed payloads outside the blob, and keyed digests.
public import Cryptography
public import Encoding

/// What a sealed payload belongs to.
public enum SealedKind: String, Sendable {
    /// The private fields of a span; id and sequence are the span's, the name is `sealed`.
    case span
    /// A step of a run's journal; the id is the run's, the sequence 0, the name the step's.
    case journal
}

/// The place that a sealed payload is bound to; opened anywhere else it fails.
public struct SealedPlace: Hashable, Sendable {
    /// Span or journal.
    public let kind: SealedKind
    /// The span's or the run's id.
    public let id: Identifier
    /// The span's version; 0 in a journal.
    public let sequence: UInt32
    /// `sealed`, or the step's name, for example `model.result/1/1`.
    public let name: String

    /// A place of these parts.
    public init(kind: SealedKind, id: Identifier, sequence: UInt32, name: String) {
        self.kind = kind
        self.id = id
        self.sequence = sequence
        self.name = name
    }

    /// The sealed fields of a span.
    public static func span(_ id: Identifier, sequence: UInt32 = 0) -> SealedPlace {
        SealedPlace(kind: .span, id: id, sequence: sequence, name: "sealed")
    }

    /// A step of a run's journal.
    public static func journal(run: Identifier, step: String) -> SealedPlace {
        SealedPlace(kind: .journal, id: run, sequence: 0, name: step)
    }

    var context: [UInt8] {
        var writer = ByteWriter()
        writer.append(ResidentKeys.sealedLabel)
        writer.append(kind.rawValue.utf8)
        writer.append([0])
        writer.append(id.bytes)
        writer.append(integer: sequence)
        writer.append(name.utf8)
        return writer.bytes
    }
}

/// The keys of a resident that is being run; drop it while a provider is awaited, ``Vault/sealer(for:)`` gives another.
public final class ResidentKeys: Sendable {
    static let sealedLabel = Array("sanctuary/sealed/v1\0".utf8)
    static let digestLabel = Array("sanctuary/digest/v1\0".utf8)

    /// The resident.
    public let resident: Identifier
    /// The id of its erasure key, `kid` of a span's `sealed` in hex.
    public let pekID: Identifier
    private let sealingKey: SecretBytes
    private let digestKey: SecretBytes
    private let random: RandomSource

    init(resident: Identifier, vault: Identifier, key: borrowing ResidentKey, random: RandomSource) {
        self.resident = resident
        self.random = random
        pekID = key.id
        sealingKey = HKDF.expandSHA512(key: key.key, info: Self.sealedLabel + vault.bytes, count: 32)
        digestKey = HKDF.expandSHA512(key: key.key, info: Self.digestLabel + vault.bytes, count: 32)
    }

    /// Seals a message for one place: its length, itself, zeros up to Padmé of both; draws one salt.
    public func seal(_ message: [UInt8], at place: SealedPlace) throws(VaultError) -> [UInt8] {
        try message.span.bytes.withUnsafeBytes { bytes throws(VaultError) in try seal(bytes, at: place) }
    }

    /// Seals a secret for one place, as any message.
    public func seal(_ secret: borrowing SecretBytes, at place: SealedPlace) throws(VaultError) -> [UInt8] {
        try secret.withUnsafeBytes { bytes throws(VaultError) in try seal(bytes, at: place) }
    }

    private func seal(_ message: UnsafeRawBufferPointer, at place: SealedPlace) throws(VaultError) -> [UInt8] {
        var length = ByteWriter(capacity: 4)
        length.append(integer: UInt32(clamping: message.count))
        do throws(CryptographyError) {
            return try ChunkedEncryption.seal(
                key: sealingKey, context: place.context, plaintext: message, leading: length.bytes,
                zeroPaddedTo: Padme.paddedCount(4 + message.count), salt: random.bytes(ChunkedEncryption.saltSize))
        } catch {
            throw .cryptography(error)
        }
    }

    /// Opens what was sealed for this place.
    ///
    /// A changed, moved or foreign payload throws `.cryptography(.commitmentMismatch)` or
    /// `.cryptography(.authenticationFailed)`, wrong framing ``VaultError/malformedSealedMessage``.
    public func open(_ sealed: [UInt8], at place: SealedPlace) throws(VaultError) -> SecretBytes {
        let framed: SecretBytes
        do throws(CryptographyError) {
            framed = try ChunkedEncryption.open(key: sealingKey, context: place.context, sealed: sealed)
        } catch {
            throw .cryptography(error)
        }
        let count = framed.withUnsafeBytes { bytes -> Int? in
            guard bytes.count >= 4 else { return nil }
            let count = bytes[..<4].reduce(0) { $0 << 8 | Int($1) }
            guard 4 + count <= bytes.count, bytes.count == Padme.paddedCount(4 + count),
                bytes[(4 + count)...].allSatisfy({ $0 == 0 })
            else { return nil }
            return count
        }
        guard let count else { throw .malformedSealedMessage }
        return framed.copy(4..<4 + count)
    }

    /// HMAC-SHA-512 under the digest key, 32 bytes: the only digest of private bytes that may leave the blob.
    public func digest(_ bytes: [UInt8]) -> [UInt8] {
        Array(HMACSHA512.authenticate(key: digestKey, bytes).prefix(32))
    }

    /// The keyed digest of secret bytes.
    public func digest(_ bytes: borrowing SecretBytes) -> [UInt8] {
        Array(HMACSHA512.authenticate(key: digestKey, bytes).prefix(32))
    }

    /// Hashes what several messages begin with; the keys can be dropped before the last of them is known.
    public func prefix(_ beginning: ArraySlice<UInt8>) -> HMACSHA512Prefix {
        beginning.withUnsafeBytes { HMACSHA512Prefix(key: digestKey, $0) }
    }

    /// The keyed digest, as the ledger writes it, of a beginning and what follows it.
    public func digestText(_ prefix: HMACSHA512Prefix, rest: ArraySlice<UInt8>) -> String {
        let tag = rest.withUnsafeBytes { prefix.tag(key: digestKey, rest: $0) }
        return "hmac-sha512:\(Hex.encode(Array(tag.prefix(32))))"
    }

    /// A keyed digest as the ledger writes it: `hmac-sha512:` and 64 hex digits.
    public func digestText(_ bytes: [UInt8]) -> String { "hmac-sha512:\(Hex.encode(digest(bytes)))" }
}

extension Vault {
    /// The sealing and digest keys of a resident.
    public func sealer(for resident: Identifier) throws(VaultError) -> ResidentKeys {
        let key = try pek(of: resident)
        return ResidentKeys(resident: resident, vault: id, key: key, random: surroundings.random)
    }
}
