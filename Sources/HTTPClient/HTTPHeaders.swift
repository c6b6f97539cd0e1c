// Header fields: an ordered list, found by name without regard to case (RFC 9110, section 5.1).

/// Header fields in the order in which they came.
public struct HTTPHeaders: Sendable {
    /// Every field: its name as it was written, and its value without surrounding blanks.
    public let all: [(String, String)]

    /// A list of fields, in order.
    public init(_ all: [(String, String)] = []) { self.all = all }

    /// The value of the first field of that name, whatever its case.
    public subscript(name: String) -> String? {
        for field in all where equalIgnoringCase(field.0, name) { return field.1 }
        return nil
    }

    /// The values of every field of that name, in order.
    public func values(_ name: String) -> [String] {
        all.compactMap { equalIgnoringCase($0.0, name) ? $0.1 : nil }
    }
}

/// Whether two names are the same when ASCII letters' case is ignored.
func equalIgnoringCase(_ one: String, _ other: String) -> Bool {
    let left = one.utf8
    let right = other.utf8
    guard left.count == right.count else { return false }
    return zip(left, right).allSatisfy { lowercased($0) == lowercased($1) }
}

/// The lower-case form of an ASCII capital, any other byte as it is.
func lowercased(_ byte: UInt8) -> UInt8 {
    (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
}
