// The head: one signed line, apart from the ledger, that says where it ends.
public import Cryptography
internal import Encoding

/// A signed statement of a ledger's size and last hash.
public struct LedgerHead: Sendable, Hashable {
    /// The number of spans.
    public let size: Int
    /// The hash of the last span.
    public let hash: [UInt8]
    /// The node's signature over both.
    public let signature: [UInt8]

    /// Signs a head.
    init(size: Int, hash: [UInt8], key: SigningKey) {
        self.size = size
        self.hash = hash
        signature = key.sign(Self.message(size: size, hash: hash))
    }

    /// Reads the one line of a head file; the line feed at its end may be missing.
    ///
    /// Nil for any other form.
    public init?(line: [UInt8]) {
        let text = line.last == UInt8(ascii: "\n") ? line.dropLast() : line[...]
        let words = text.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard words.count == 3, let size = Int(words[0]), size > 0, String(size) == words[0],
            let hash = HashText.blake3Bytes(words[1]), words[2].hasPrefix("ed25519:"),
            let signature = HashText.lowerHex(String(words[2].dropFirst(8))), signature.count == 64
        else { return nil }
        self.size = size
        self.hash = hash
        self.signature = signature
    }

    /// The line, with its line feed.
    public var line: [UInt8] {
        Array("\(size) \(HashText.blake3(hash)) ed25519:\(Hex.encode(signature))\n".utf8)
    }

    /// Whether the signature is of that key.
    public func isSigned(by key: VerifyingKey) -> Bool {
        key.isValid(signature: signature, for: Self.message(size: size, hash: hash))
    }

    private static func message(size: Int, hash: [UInt8]) -> [UInt8] {
        Array("sanctuary/head/v1\0".utf8) + withUnsafeBytes(of: UInt64(size).bigEndian) { Array($0) } + hash
    }
}
