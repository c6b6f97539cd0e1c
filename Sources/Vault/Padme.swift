// Padmé: lengths rounded up so that they leak O(log log n) bits (Nikitin et al., PETS 2019).

/// The Padmé rounding of lengths.
public enum Padme {
    /// The padded length: at most 12 % more, with as many significant bits as its exponent has digits.
    ///
    /// Padmé(0) = 0 and Padmé(1) = 1.
    public static func paddedCount(_ count: Int) -> Int {
        guard count > 1 else { return max(count, 0) }
        let exponent = Int.bitWidth - 1 - count.leadingZeroBitCount
        let exponentDigits = Int.bitWidth - exponent.leadingZeroBitCount
        let mask = (1 << (exponent - exponentDigits)) - 1
        return (count + mask) & ~mask
    }
}
