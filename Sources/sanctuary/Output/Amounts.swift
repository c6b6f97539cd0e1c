// Amounts as people read them: tokens, money, durations, instants.
import Encoding
import Providers

/// Amounts in words.
enum Amounts {
    /// `12,345`.
    static func whole(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var grouped = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { grouped.append(",") }
            grouped.append(digit)
        }
        return (number < 0 ? "-" : "") + grouped
    }

    /// `$0.0123`: rounded up to micro-USD, at least two decimals.
    static func dollars(picoUSD: Int64) -> String { dollars(microUSD: Money.microUSD(roundingUp: picoUSD)) }

    static func dollars(microUSD: Int64) -> String {
        let (whole, rest) = microUSD.quotientAndRemainder(dividingBy: 1_000_000)
        var decimals = String(String(1_000_000 + rest).dropFirst())
        while decimals.count > 2, decimals.hasSuffix("0") { decimals.removeLast() }
        return "$\(Amounts.whole(Int(whole))).\(decimals)"
    }

    /// `0.4 s`, `12 s`, `3 m 05 s`, `2 h 10 m`.
    static func duration(milliseconds: Int) -> String {
        switch milliseconds {
        case ..<10_000: return "\(milliseconds / 1_000).\(milliseconds % 1_000 / 100) s"
        case ..<60_000: return "\(milliseconds / 1_000) s"
        case ..<3_600_000: return "\(milliseconds / 60_000) m \(padded(milliseconds / 1_000 % 60)) s"
        default: return "\(milliseconds / 3_600_000) h \(padded(milliseconds / 60_000 % 60)) m"
        }
    }

    /// `2026-11-21 06:00:01Z`.
    static func instant(_ instant: Instant) -> String {
        instant.rfc3339.prefix(19).replacing("T", with: " ") + "Z"
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
