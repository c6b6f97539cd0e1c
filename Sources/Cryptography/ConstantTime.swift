// Comparing bytes and clearing them without telling anything about them.
internal import CSodium

/// Comparisons whose time does not depend on where the bytes differ.
public enum ConstantTime {
    /// Whether both arrays hold the same bytes; the time depends on the lengths alone.
    public static func equal(_ first: [UInt8], _ second: [UInt8]) -> Bool {
        first.withUnsafeBytes { first in second.withUnsafeBytes { second in equal(first, second) } }
    }

    /// Whether both buffers hold the same bytes; the time depends on the lengths alone.
    public static func equal(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Bool {
        guard first.count == second.count else { return false }
        guard let one = first.baseAddress, let other = second.baseAddress else { return true }
        return sodium_memcmp(one, other, first.count) == 0
    }
}

extension [UInt8] {
    /// Overwrites the bytes with zeros in a way that the optimiser keeps; for private content in an array.
    ///
    /// It clears this array alone: copies made before, and storage left behind when the array grew, stay as they are.
    public mutating func wipe() { withUnsafeMutableBytes { $0.wipe() } }
}
