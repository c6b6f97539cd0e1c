// Mail: canonical JSON sealed to a public key, and checked against the row it stands for when opened.
public import Cryptography
public import Encoding

/// A letter to a resident, to this house or to a keeper.
public struct Letter: Hashable, Sendable {
    /// The most bytes of text, as UTF-8.
    public static let maximumTextCount = 12_288

    /// The letter's id.
    public let id: Identifier
    /// Who it is for, as the ledger names actors: a resident's id, `house`, or `human:<id>`.
    public let to: String
    /// Who wrote it, for example `human:<id>`.
    public let from: String
    /// When.
    public let at: Instant
    /// What it says; private.
    public let text: String

    /// A letter of these parts.
    public init(id: Identifier, to: String, from: String, at: Instant, text: String) {
        self.id = id
        self.to = to
        self.from = from
        self.at = at
        self.text = text
    }

    /// Seals the letter to a 32-byte X25519 key (`crypto_box_seal`); the ephemeral secret comes from `random`.
    public func sealed(to publicKey: [UInt8], random: RandomSource) throws(VaultError) -> [UInt8] {
        let count = text.utf8.count
        guard count <= Self.maximumTextCount else { throw .letterTooLong(limit: Self.maximumTextCount, found: count) }
        var bytes = try canonicalBytes()
        defer { bytes.wipe() }
        do throws(CryptographyError) {
            return try SealedBox.seal(bytes, to: publicKey, random: random)
        } catch {
            throw .cryptography(error)
        }
    }

    /// What is sealed: RFC 8785 JSON of the five fields.
    func canonicalBytes() throws(VaultError) -> [UInt8] {
        let json: JSON = [
            "id": .string(id.description), "to": .string(to), "from": .string(from), "at": .string(at.rfc3339),
            "text": .string(text),
        ]
        do throws(JSONError) { return try json.canonical() } catch { throw .letterMismatch(field: "text") }
    }

    /// Opens a letter with the recipient's secret key and reads it strictly; whatever else was sealed is refused.
    public static func open(_ sealed: [UInt8], secret: borrowing SecretBytes) throws(VaultError) -> Letter {
        let opened = try unsealed(sealed, secret: secret)
        let json = try parsed(opened)
        guard let id = json["id"]?.string.flatMap({ Identifier($0) }), let to = json["to"]?.string,
            let from = json["from"]?.string, let at = json["at"]?.string.flatMap({ Instant(rfc3339: $0) }),
            let text = json["text"]?.string, json.object?.count == 5
        else { throw .letterMismatch(field: "form") }
        guard text.utf8.count <= maximumTextCount else {
            throw .letterTooLong(limit: maximumTextCount, found: text.utf8.count)
        }
        let letter = Letter(id: id, to: to, from: from, at: at, text: text)
        var canonical = try letter.canonicalBytes()
        defer { canonical.wipe() }
        let isCanonical = canonical.withUnsafeBytes { canonical in
            opened.withUnsafeBytes { ConstantTime.equal($0, canonical) }
        }
        guard isCanonical else { throw .letterMismatch(field: "form") }
        return letter
    }

    private static func unsealed(
        _ sealed: [UInt8], secret: borrowing SecretBytes
    ) throws(VaultError) -> SecretBytes {
        do throws(CryptographyError) {
            let publicKey = try X25519.publicKey(secret: secret)
            return try SealedBox.open(sealed, publicKey: publicKey, secret: secret)
        } catch {
            throw .letterMismatch(field: "seal")
        }
    }

    private static func parsed(_ opened: borrowing SecretBytes) throws(VaultError) -> JSON {
        do throws(JSONError) {
            return try opened.withUnsafeBytes { (bytes) throws(JSONError) in try JSON.parse(bytes) }
        } catch {
            throw .letterMismatch(field: "form")
        }
    }

    /// Opens a letter that must be the one its row says; the field that differs is named.
    public static func open(
        _ sealed: [UInt8], secret: borrowing SecretBytes, id: Identifier, to: String, from: String, at: Instant
    ) throws(VaultError) -> Letter {
        let letter = try open(sealed, secret: secret)
        guard letter.id == id else { throw .letterMismatch(field: "id") }
        guard Array(letter.to.utf8) == Array(to.utf8) else { throw .letterMismatch(field: "to") }
        guard Array(letter.from.utf8) == Array(from.utf8) else { throw .letterMismatch(field: "from") }
        guard letter.at == at else { throw .letterMismatch(field: "at") }
        return letter
    }
}
