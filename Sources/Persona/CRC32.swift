// The checksum of PNG chunks: CRC-32 with the polynomial 0xEDB88320, reflected (W3C PNG, annex D).

/// CRC-32 as PNG and zlib compute it.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }

    /// The checksum of a part of an array.
    static func checksum(of bytes: [UInt8], in range: Range<Int>) -> UInt32 {
        table.withUnsafeBufferPointer { table in
            bytes.withUnsafeBufferPointer { bytes in
                var value: UInt32 = 0xFFFF_FFFF
                for index in range { value = table[Int((value ^ UInt32(bytes[index])) & 0xFF)] ^ value >> 8 }
                return ~value
            }
        }
    }
}
