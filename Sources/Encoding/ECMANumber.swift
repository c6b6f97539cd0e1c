// Doubles written as ECMAScript's Number::toString does, which RFC 8785 section 3.2.2.3 makes the canonical form.

/// The ECMAScript form of a double.
enum ECMANumber {
    /// Writes a finite double; minus zero as `0`.
    ///
    /// Swift's description already has the digits that ECMAScript asks for (the fewest that read back as the same
    /// double, and of those the nearest to it); only the place of the point and the exponent's form differ.
    static func append(_ value: Double, to bytes: inout [UInt8]) {
        if value == 0 {
            bytes.append(UInt8(ascii: "0"))
            return
        }
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let (digits, point) = decimal(value.magnitude)
        switch point {
        case digits.count...21 where point > 0:
            bytes.append(contentsOf: digits)
            appendZeros(point - digits.count, to: &bytes)
        case 1...21:
            bytes.append(contentsOf: digits[..<point])
            bytes.append(UInt8(ascii: "."))
            bytes.append(contentsOf: digits[point...])
        case -5...0:
            bytes.append(contentsOf: "0.".utf8)
            appendZeros(-point, to: &bytes)
            bytes.append(contentsOf: digits)
        default:
            bytes.append(digits[0])
            if digits.count > 1 {
                bytes.append(UInt8(ascii: "."))
                bytes.append(contentsOf: digits[1...])
            }
            bytes.append(UInt8(ascii: "e"))
            bytes.append(point > 0 ? UInt8(ascii: "+") : UInt8(ascii: "-"))
            bytes.append(contentsOf: (point - 1).magnitude.description.utf8)
        }
    }

    /// The significant digits without zeros at either end, and where the point is: value = 0.digits × 10^point.
    private static func decimal(_ value: Double) -> (digits: [UInt8], point: Int) {
        var digits: [UInt8] = []
        digits.reserveCapacity(24)
        var point = 0
        var seenPoint = false
        var exponent = 0
        var text = value.description.utf8.makeIterator()
        scan: while let byte = text.next() {
            switch byte {
            case UInt8(ascii: "."): seenPoint = true
            case UInt8(ascii: "e"):
                exponent = readExponent(&text)
                break scan
            default:
                if digits.isEmpty, byte == UInt8(ascii: "0") {
                    if seenPoint { point -= 1 }
                } else {
                    digits.append(byte)
                    if !seenPoint { point += 1 }
                }
            }
        }
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (digits, point + exponent)
    }

    private static func readExponent(_ text: inout String.UTF8View.Iterator) -> Int {
        var exponent = 0
        var negative = false
        while let byte = text.next() {
            switch byte {
            case UInt8(ascii: "-"): negative = true
            case UInt8(ascii: "+"): continue
            default: exponent = exponent * 10 + Int(byte - 0x30)
            }
        }
        return negative ? -exponent : exponent
    }

    private static func appendZeros(_ count: Int, to bytes: inout [UInt8]) {
        for _ in 0..<count { bytes.append(UInt8(ascii: "0")) }
    }
}
