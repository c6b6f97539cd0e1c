// Hashes and signatures as the format writes them: a name, a colon, lower-case digits.
internal import Encoding

/// The text form of hashes on the ledger.
public enum HashText {
    /// `blake3:` and the digits of the 32 bytes.
    public static func blake3(_ hash: [UInt8]) -> String { "blake3:" + Hex.encode(hash) }

    /// The 32 bytes of a `blake3:` text; nil for any other form, upper case included.
    public static func blake3Bytes(_ text: String) -> [UInt8]? {
        guard text.utf8.count == 71, text.hasPrefix("blake3:") else { return nil }
        let digits = String(text.utf8.dropFirst(7)) ?? ""
        return lowerHex(digits)
    }

    /// `hmac-sha512:` and the digits of the 32 bytes of a keyed digest.
    public static func keyedDigest(_ digest: [UInt8]) -> String { "hmac-sha512:" + Hex.encode(digest) }

    /// The bytes of digits in lower case; nil for any other text.
    static func lowerHex(_ text: String) -> [UInt8]? {
        guard text.utf8.allSatisfy({ !(0x41...0x46).contains($0) }) else { return nil }
        return Hex.decode(text)
    }
}
