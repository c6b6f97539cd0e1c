// Bytes as hexadecimal digits and back.

/// Hexadecimal text: two digits a byte, lower case when written, either case when read.
public enum Hex {
    /// Writes bytes as lower-case digits.
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        // Through the collection's own iterator every byte would be a call where it is not specialised.
        bytes.withContiguousStorageIfAvailable { encode(contiguous: $0) } ?? encode(Array(bytes))
    }

    private static func encode(contiguous bytes: UnsafeBufferPointer<UInt8>) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
            for index in 0..<bytes.count {
                buffer[2 * index] = digit(bytes[index] >> 4)
                buffer[2 * index + 1] = digit(bytes[index] & 0x0F)
            }
            return bytes.count * 2
        }
    }

    /// Reads pairs of digits; nil for an odd number of them or any other character.
    public static func decode(_ text: String) -> [UInt8]? {
        decode(text.utf8)
    }

    /// Reads pairs of digits given as ASCII bytes; nil for an odd number of them or any other byte.
    public static func decode(_ digits: some Collection<UInt8>) -> [UInt8]? {
        let decoded = digits.withContiguousStorageIfAvailable { decode(contiguous: $0) }
        return decoded ?? Array(digits).withUnsafeBufferPointer { decode(contiguous: $0) }
    }

    private static func decode(contiguous digits: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard digits.count.isMultiple(of: 2) else { return nil }
        var isValid = true
        let bytes = [UInt8](unsafeUninitializedCapacity: digits.count / 2) { buffer, count in
            for index in 0..<digits.count / 2 {
                guard let high = value(of: digits[2 * index]), let low = value(of: digits[2 * index + 1]) else {
                    isValid = false
                    return
                }
                buffer[index] = high << 4 | low
                count = index + 1
            }
        }
        return isValid ? bytes : nil
    }

    /// The digit of a value below 16.
    @inline(__always)
    static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

    /// The value of a digit in either case; nil for any other byte.
    @inline(__always)
    static func value(of character: UInt8) -> UInt8? {
        switch character {
        case 0x30...0x39: character - 0x30
        case 0x41...0x46: character - 0x37
        case 0x61...0x66: character - 0x57
        default: nil
        }
    }
}
