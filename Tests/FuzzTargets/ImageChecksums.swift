// PNG files whose checksums are mended after a mutation, without which no mutation would get past the first chunk.

/// The bytes with the CRC of every chunk that fits made right.
func mendedChecksums(_ bytes: [UInt8]) -> [UInt8] {
    var mended = bytes
    var offset = 8
    while offset + 12 <= bytes.count {
        let length = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
        guard length <= bytes.count - offset - 12 else { break }
        let end = offset + 8 + length
        let checksum = crc32(bytes[offset + 4..<end])
        for index in 0..<4 { mended[end + index] = UInt8(truncatingIfNeeded: checksum >> (24 - 8 * UInt32(index))) }
        offset = end + 4
    }
    return mended
}

/// CRC-32 as PNG defines it (W3C PNG, annex D), bit by bit: inputs here are short.
private func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var value: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
        value ^= UInt32(byte)
        for _ in 0..<8 { value = value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }
    return ~value
}
