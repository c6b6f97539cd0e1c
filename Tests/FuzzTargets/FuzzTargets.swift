// The entry points of the fuzzers: each takes any bytes, and says which property they broke.
//
// The same functions serve `scripts/fuzz`, which lets libFuzzer search for inputs under the address sanitizer, and the
// test suite, which feeds each a bounded number of mutations from a generator with a seed.
import Cryptography
import Encoding
import HTTPClient
import Ledger
import Persona
import Providers
import Vault

/// A property that must hold for every input did not.
public struct PropertyBroken: Error, CustomStringConvertible {
    /// The property.
    public let description: String
}

/// A parser that reads what others wrote.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// The header of a blob.
    case blobHeader = "blob-header"
    /// The keyring.
    case keyring
    /// JSON: strict, JSON5, canonical.
    case json
    /// The ledger's quick scanner beside parser and writer; spans and heads.
    case span
    /// Server-sent events and NDJSON.
    case eventStream = "event-stream"
    /// Replies of both dialects, streamed and whole.
    case reply
    /// Result lines of batches, of both dialects.
    case batch
    /// Cards in PNG images.
    case card
    /// Personas in every form, into a package and back.
    case persona
    /// Laws in text: read, printed, asked.
    case law

    /// Feeds it an input, and says whether a parser accepted it, so that its properties were asked.
    ///
    /// - Throws: ``PropertyBroken``; a trap is a finding of its own.
    @discardableResult
    public func take(_ bytes: [UInt8]) throws(PropertyBroken) -> Bool {
        switch self {
        case .blobHeader: try takeBlobHeader(bytes)
        case .keyring: try takeKeyring(bytes)
        case .json: try takeJSON(bytes)
        case .span: try takeSpan(bytes)
        case .eventStream: try takeEventStream(bytes)
        case .reply: try takeReply(bytes)
        case .batch: try takeBatch(bytes)
        case .card: try takeCard(bytes)
        case .persona: try takePersona(bytes)
        case .law: try takeLaw(bytes)
        }
    }
}

/// Says that a property is broken, unless it holds.
func need(_ holds: Bool, _ property: String) throws(PropertyBroken) {
    guard holds else { throw PropertyBroken(description: property) }
}

private func takeBlobHeader(_ bytes: [UInt8]) throws(PropertyBroken) -> Bool {
    guard let written = FormatReading.header(bytes) else { return false }
    try need(written == Array(bytes.prefix(BlobHeader.count)), "an accepted header is written as it was read")
    return true
}

private func takeKeyring(_ bytes: [UInt8]) throws(PropertyBroken) -> Bool {
    guard let written = FormatReading.keyring(bytes) else { return false }
    try need(written == bytes, "an accepted keyring is written as it was read")
    return true
}

private func takeSpan(_ bytes: [UInt8]) throws(PropertyBroken) -> Bool {
    let value = try? JSON.parse(bytes, limits: .ledger)
    let canonical = value?.object == nil ? nil : try? value?.canonicalForLedger()
    try need(CanonicalForm.isObject(bytes) == (canonical == bytes), "the scanner agrees with parser and writer")
    if let span = try? Span(canonicalBytes: bytes) {
        try need(canonical == bytes && span.canonicalBytes == bytes, "a span is canonical")
    }
    if let head = LedgerHead(line: bytes) {
        let line = bytes.last == 0x0A ? bytes : bytes + [0x0A]
        try need(head.line == line, "a head is written as it was read")
        return true
    }
    return canonical == bytes
}

private func takeCard(_ bytes: [UInt8]) throws(PropertyBroken) -> Bool {
    var isAccepted = false
    for image in [bytes, mendedChecksums(bytes)] {
        guard let card = try? CardImage.card(in: image) else { continue }
        try need(["ccv3", "chara"].contains(card.keyword), "the keyword is one of two")
        _ = try? PersonaImport.read(image, fileName: "card.png")
        isAccepted = true
    }
    return isAccepted
}

private func takePersona(_ bytes: [UInt8]) throws(PropertyBroken) -> Bool {
    var isAccepted = false
    for format in [nil, ImportFormat.native, .openai, .card] {
        guard let imported = try? PersonaImport.read(bytes, format: format, fileName: "persona") else { continue }
        let id = Identifier(high: 0x019A_9D3C_8C00_7ABC, low: 0x8DEF_0000_0000_0001)
        let random = RandomSource { for index in $0.indices { $0[index] = UInt8(truncatingIfNeeded: index) } }
        // What a package cannot hold is refused here; what it holds must survive being sealed and opened.
        guard
            let package = try? imported.package(id: id, at: Instant(unixMilliseconds: 0), random: random),
            let encoded = try? package.encoded()
        else { continue }
        guard let read = try? PersonaPackage.parse(encoded), let again = try? read.encoded() else {
            throw PropertyBroken(description: "a package that was written is read")
        }
        let isSame = encoded.constantTimeEquals(again)
        try need(isSame, "a package that was read is written as it was")
        isAccepted = true
    }
    return isAccepted
}
