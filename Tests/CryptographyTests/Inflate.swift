// A small zlib reader (RFC 1950, 1951): Wycheproof keeps the ciphertexts of chunked encryption deflated.

/// Why a stream is no zlib stream.
enum InflateError: Error { case malformed }

/// Decodes one zlib stream; the checksum is left alone, since the messages in it authenticate themselves.
func inflate(_ stream: [UInt8]) throws -> [UInt8] {
    var reader = BitReader(bytes: stream, position: 16)
    var output: [UInt8] = []
    var isLast = false
    while !isLast {
        isLast = try reader.bits(1) == 1
        switch try reader.bits(2) {
        case 0: try copyStored(&reader, to: &output)
        case 1:
            let fixed = (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 }
            try decode(
                &reader, HuffmanCode(lengths: fixed), HuffmanCode(lengths: [Int](repeating: 5, count: 30)), to: &output)
        case 2:
            let (literals, distances) = try readCodes(&reader)
            try decode(&reader, literals, distances, to: &output)
        default: throw InflateError.malformed
        }
    }
    return output
}

/// Bits of a byte array, the lowest of each byte first.
private struct BitReader {
    let bytes: [UInt8]
    var position: Int

    mutating func bits(_ count: Int) throws -> Int {
        var value = 0
        for index in 0..<count {
            guard position >> 3 < bytes.count else { throw InflateError.malformed }
            value |= Int(bytes[position >> 3] >> UInt8(position & 7) & 1) << index
            position += 1
        }
        return value
    }
}

/// A canonical Huffman code: how many codes each length has, and the symbols in the order of their codes.
private struct HuffmanCode {
    var counts = [Int](repeating: 0, count: 16)
    var symbols: [Int] = []

    init(lengths: [Int]) {
        for length in 1...15 {
            for (symbol, its) in lengths.enumerated() where its == length {
                counts[length] += 1
                symbols.append(symbol)
            }
        }
    }

    func symbol(_ reader: inout BitReader) throws -> Int {
        var (code, first, index) = (0, 0, 0)
        for length in 1...15 {
            code |= try reader.bits(1)
            if code - counts[length] < first { return symbols[index + code - first] }
            index += counts[length]
            first = (first + counts[length]) << 1
            code <<= 1
        }
        throw InflateError.malformed
    }
}

private func copyStored(_ reader: inout BitReader, to output: inout [UInt8]) throws {
    reader.position = (reader.position + 7) & ~7
    let count = try reader.bits(16)
    _ = try reader.bits(16)
    for _ in 0..<count { output.append(UInt8(try reader.bits(8))) }
}

private func readCodes(_ reader: inout BitReader) throws -> (HuffmanCode, HuffmanCode) {
    let literalCount = try reader.bits(5) + 257
    let distanceCount = try reader.bits(5) + 1
    let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    var codeLengths = [Int](repeating: 0, count: 19)
    for index in 0..<(try reader.bits(4) + 4) { codeLengths[order[index]] = try reader.bits(3) }
    let lengthCode = HuffmanCode(lengths: codeLengths)
    var lengths: [Int] = []
    while lengths.count < literalCount + distanceCount {
        switch try lengthCode.symbol(&reader) {
        case 16:
            guard let last = lengths.last else { throw InflateError.malformed }
            lengths += [Int](repeating: last, count: try reader.bits(2) + 3)
        case 17: lengths += [Int](repeating: 0, count: try reader.bits(3) + 3)
        case 18: lengths += [Int](repeating: 0, count: try reader.bits(7) + 11)
        case let length: lengths.append(length)
        }
    }
    return (
        HuffmanCode(lengths: Array(lengths[..<literalCount])), HuffmanCode(lengths: Array(lengths[literalCount...]))
    )
}

private func decode(
    _ reader: inout BitReader, _ literals: HuffmanCode, _ distances: HuffmanCode, to output: inout [UInt8]
) throws {
    while true {
        let symbol = try literals.symbol(&reader)
        if symbol < 256 {
            output.append(UInt8(symbol))
        } else if symbol == 256 {
            return
        } else {
            let length = symbol == 285 ? 258 : try extended(&reader, symbol - 257, group: 4, base: 3)
            let distance = try extended(&reader, try distances.symbol(&reader), group: 2, base: 1)
            guard distance <= output.count else { throw InflateError.malformed }
            for _ in 0..<length { output.append(output[output.count - distance]) }
        }
    }
}

/// A length or distance: `group` symbols share a number of extra bits, and each group has one bit more than the last.
private func extended(_ reader: inout BitReader, _ symbol: Int, group: Int, base: Int) throws -> Int {
    guard symbol >= 2 * group else { return symbol + base }
    let extra = symbol / group - 1
    return (group + symbol % group) << extra + base + (try reader.bits(extra))
}
