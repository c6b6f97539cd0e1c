// Whether bytes are a canonical object of the ledger's JSON, for tests that compare it with the parser and writer.

/// The quick scanner that verification uses instead of parsing and writing anew.
package enum CanonicalForm {
    /// Whether the scanner takes these bytes as one canonical object.
    package static func isObject(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { CanonicalScanner.members(of: $0) { _, _, _ in } }
    }
}
