// Character cards in the text chunks of PNG images (W3C PNG, third edition, sections 5 and 11.3.3).
internal import Encoding

/// Finds a card in a PNG file; every chunk's length, place and checksum is checked on the way.
public enum CardImage {
    /// The longest chunk that may carry a card: 16 MiB.
    public static let largestCardChunk = 16_777_216
    /// The most chunks that are looked at.
    public static let mostChunks = 65_536

    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// Whether the bytes begin as a PNG file does; four bytes tell, the others show what a transfer has damaged.
    public static func isPNG(_ bytes: [UInt8]) -> Bool { bytes.starts(with: signature.prefix(4)) }

    /// The JSON text of the card in an image, and the keyword of the chunk that held it.
    ///
    /// The first `ccv3` chunk is preferred to the first `chara` chunk; letter case of the keyword does not count, as in
    /// the front ends that write them.
    ///
    /// - Throws: ``PersonaError/image(_:)``.
    public static func card(in bytes: [UInt8]) throws(PersonaError) -> (keyword: String, json: [UInt8]) {
        do throws(CardImageFault) {
            return try search(bytes)
        } catch {
            throw .image(error)
        }
    }

    private static func search(_ bytes: [UInt8]) throws(CardImageFault) -> (keyword: String, json: [UInt8]) {
        guard bytes.starts(with: signature) else { throw .notPNG }
        var offset = signature.count
        var texts: [String: Range<Int>] = [:]
        var unreadable: String?
        var chunks = 0
        while true {
            let chunk = try chunk(at: offset, in: bytes)
            chunks += 1
            guard chunks <= mostChunks else { throw .tooManyChunks(limit: mostChunks) }
            // IHDR opens the file and occurs once.
            guard (chunk.type == "IHDR") == (chunks == 1) else { throw .misplacedChunk(offset: offset) }
            if let (keyword, value) = keyword(of: chunk, in: bytes) {
                if chunk.type == "tEXt" {
                    guard chunk.data.count <= largestCardChunk else {
                        throw .chunkTooLarge(offset: offset, limit: largestCardChunk)
                    }
                    if texts[keyword] == nil { texts[keyword] = value }
                } else {
                    unreadable = chunk.type
                }
            }
            if chunk.type == "IEND" { break }
            offset = chunk.end
        }
        for keyword in ["ccv3", "chara"] {
            guard let range = texts[keyword] else { continue }
            return (keyword, try decode(bytes[range]))
        }
        if let unreadable { throw .unsupportedChunk(type: unreadable) }
        throw .noCard
    }

    private struct Chunk {
        let type: String
        let data: Range<Int>
        let end: Int
    }

    private static func chunk(at offset: Int, in bytes: [UInt8]) throws(CardImageFault) -> Chunk {
        guard bytes.count - offset >= 12 else { throw .truncated(offset: offset) }
        let length = Int(word(at: offset, in: bytes))
        let type = bytes[offset + 4..<offset + 8]
        guard type.allSatisfy({ (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }) else {
            throw .misplacedChunk(offset: offset)
        }
        guard length <= bytes.count - offset - 12 else { throw .truncated(offset: offset) }
        let data = offset + 8..<offset + 8 + length
        guard CRC32.checksum(of: bytes, in: offset + 4..<data.upperBound) == word(at: data.upperBound, in: bytes)
        else { throw .badChecksum(offset: offset) }
        return Chunk(type: String(decoding: type, as: UTF8.self), data: data, end: data.upperBound + 4)
    }

    /// The keyword of a text chunk that may hold a card, in lower case, and where its value lies.
    private static func keyword(of chunk: Chunk, in bytes: [UInt8]) -> (String, Range<Int>)? {
        guard ["tEXt", "zTXt", "iTXt"].contains(chunk.type) else { return nil }
        // A keyword has at most 79 bytes; a card's is far shorter.
        guard let end = bytes[chunk.data].prefix(80).firstIndex(of: 0) else { return nil }
        let keyword = String(decoding: bytes[chunk.data.lowerBound..<end], as: UTF8.self).lowercased()
        return keyword == "chara" || keyword == "ccv3" ? (keyword, end + 1..<chunk.data.upperBound) : nil
    }

    /// Base64 with or without line breaks and padding.
    private static func decode(_ text: ArraySlice<UInt8>) throws(CardImageFault) -> [UInt8] {
        var digits = text.filter { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        if digits.last != UInt8(ascii: "=") {
            digits += Array(repeating: UInt8(ascii: "="), count: (4 - digits.count % 4) % 4)
        }
        guard let json = Base64.decode(String(decoding: digits, as: UTF8.self)), !json.isEmpty else {
            throw .invalidBase64
        }
        return json
    }

    private static func word(at offset: Int, in bytes: [UInt8]) -> UInt32 {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
