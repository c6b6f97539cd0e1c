// An episode: what has left a resident's package for a sealed, immutable blob of its own beside it.
public import Cryptography
public import Encoding

/// Original files and closed segments of history: what few runs need, or none.
///
/// The format is `docs/persona-format.md`, "Episodes"; fields that this version does not know are never lost, since an
/// episode is never written again.
public struct Episode: Sendable {
    /// The word by which an episode names its format.
    public static let format = "sanctuary.episode"
    /// The version that this program writes.
    public static let version: Int64 = 1

    /// Whose it is.
    public let resident: Identifier
    /// Imported files, exactly as they were.
    public let originals: [OriginalFile]
    /// Closed segments of history, oldest first.
    public let segments: [HistorySegment]

    /// An episode of these parts.
    public init(resident: Identifier, originals: [OriginalFile] = [], segments: [HistorySegment] = []) {
        self.resident = resident
        self.originals = originals
        self.segments = segments
    }

    /// The episode as compact JSON in guarded memory, the bytes that the vault seals.
    ///
    /// - Throws: ``PersonaError/packageTooLarge(bytes:limit:)`` above 48 MiB.
    public func encoded() throws(PersonaError) -> SecretBytes {
        let estimate =
            originals.reduce(256) { $0 + $1.base64.utf8.count + 128 }
            + segments.reduce(0) { $0 + $1.textBytes + $1.textBytes / 16 + $1.count * 160 }
        var json = PackageJSONWriter(capacity: estimate)
        json.openObject()
        json.member("format", Self.format)
        json.key("version")
        json.integer(Self.version)
        json.member("id", resident.description)
        if !originals.isEmpty { json.originals(originals) }
        if !segments.isEmpty { json.history(segments) }
        json.closeObject()
        guard json.count <= PersonaLimits.packageBytes else {
            throw .packageTooLarge(bytes: json.count, limit: PersonaLimits.packageBytes)
        }
        return json.secret()
    }

    /// Reads an episode that the vault opened.
    ///
    /// - Throws: ``PersonaError/packageTooLarge(bytes:limit:)``, ``PersonaError/unsupportedPackageVersion(_:)`` or
    ///   ``PersonaError/damagedPackage(where:)`` with a field's path or `byte N`, never a text.
    public static func parse(_ episode: borrowing SecretBytes) throws(PersonaError) -> Episode {
        let quick = try PersonaPackage.quickJSON(of: episode)
        let json: JSON
        if let quick { json = quick.json } else { json = try PersonaPackage.json(of: episode) }
        var fields = try PackageFields(json, at: "episode")
        guard try fields.text("format") == format else { throw .damagedPackage(where: "format") }
        let version = try fields.integer("version")
        guard version == Self.version else { throw .unsupportedPackageVersion(version) }
        let resident = try fields.identifier("id")
        let originals = try fields.list("originals") { fields throws(PersonaError) in
            try OriginalFile(reading: &fields)
        }
        let segments = try HistorySegment.list(&fields, stored: quick?.segments ?? [])
        return Episode(resident: resident, originals: originals, segments: segments)
    }
}
