// The one way in for files that people have: tells the format, reads it, reports what went where.
internal import Encoding

/// Reads a persona from a file's bytes (S4-45 … S4-49).
public enum PersonaImport {
    /// Reads a file.
    ///
    /// The bytes are kept as they are in ``ImportedPersona/original``; a UTF-8 byte order mark is passed over.
    ///
    /// - Parameters:
    ///   - bytes: the file, at most 20 MiB.
    ///   - format: what it is; nil looks at it.
    ///   - fileName: the file's name, for the original and, where the file has no name of its own, for the persona's.
    ///   - name: a display name that takes precedence over the file's.
    /// - Throws: ``PersonaError``, naming the field and never quoting a text.
    public static func read(
        _ bytes: [UInt8], format: ImportFormat? = nil, fileName: String, name: String? = nil
    ) throws(PersonaError) -> ImportedPersona {
        guard bytes.count <= PersonaLimits.importBytes else {
            throw .importTooLarge(bytes: bytes.count, limit: PersonaLimits.importBytes)
        }
        let file = ImportFile(bytes: bytes, fileName: fileName, givenName: name)
        if CardImage.isPNG(bytes) || format == .png {
            guard [nil, .card, .png].contains(format) else { throw .formatMismatch(expected: format ?? .png) }
            let found = try CardImage.card(in: bytes)
            let json = try file.parse(found.json, line: nil)
            return try CharacterCard.read(json, in: file, format: .png)
        }
        if let known = unsupportedContainer(bytes) { throw .unsupportedFormat(known) }
        let document = try file.document()
        switch format ?? detect(document) {
        case .native:
            guard case .single(let json) = document else { throw .formatMismatch(expected: .native) }
            return try NativeForm.read(json, in: file)
        case .openai:
            if format == nil, let known = unsupportedShape(document.first) { throw .unsupportedFormat(known) }
            return try OpenAIMessages.read(document, in: file)
        case .card, .png:
            guard case .single(let json) = document else { throw .formatMismatch(expected: .card) }
            return try CharacterCard.read(json, in: file, format: .card)
        case nil:
            if let known = unsupportedShape(document.first) { throw .unsupportedFormat(known) }
            throw .unrecognisedFormat
        }
    }

    /// The format of a JSON document by its shape.
    private static func detect(_ document: ImportDocument) -> ImportFormat? {
        switch document {
        case .lines(let lines): return lines.first.flatMap(detectLine)
        case .single(let json):
            if let entries = json.array { return entries.first.flatMap(detectLine) }
            guard let object = json.object else { return nil }
            if object["format"]?.string == PersonaPackage.format { return nil }
            if object["spec"] != nil { return .card }
            if object["system_prompt"]?.string != nil, object["data"] == nil { return .native }
            if object["messages"]?.array != nil, object["agents"] == nil { return .openai }
            let cardFields = ["description", "personality", "scenario", "first_mes", "mes_example"]
            return object["name"] != nil && cardFields.contains { object[$0] != nil } ? .card : nil
        }
    }

    /// Whether one entry of a list, or one line, is a message or holds messages.
    private static func detectLine(_ json: JSON) -> ImportFormat? {
        json["role"]?.string != nil || json["messages"]?.array != nil ? .openai : nil
    }

    /// A format that is known by its first bytes and not read.
    private static func unsupportedContainer(_ bytes: [UInt8]) -> UnsupportedFormat? {
        if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return .zip }
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
        if bytes.count >= 12, bytes.starts(with: [0x52, 0x49, 0x46, 0x46]), bytes[8..<12].elementsEqual("WEBP".utf8) {
            return .webp
        }
        return nil
    }

    /// A format that is known by its fields and not read.
    private static func unsupportedShape(_ json: JSON?) -> UnsupportedFormat? {
        guard let json else { return nil }
        if let first = json.array?.first { return unsupportedShape(first) }
        if json["format"]?.string == PersonaPackage.format { return .package }
        if json["chat_metadata"] != nil || (json["user_name"] != nil && json["character_name"] != nil) {
            return .sillyTavernChat
        }
        if json["agents"] != nil { return .lettaAgent }
        if json["mapping"] != nil { return .chatGPTExport }
        if json["chat_messages"] != nil { return .claudeExport }
        if json["conversations"] != nil { return .shareGPT }
        return nil
    }
}

/// A file's JSON: one value, or one a line.
enum ImportDocument {
    case single(JSON)
    case lines([JSON])

    var first: JSON? {
        switch self {
        case .single(let json): json
        case .lines(let lines): lines.first
        }
    }
}

/// A file on its way in: its bytes and what is known beside them.
struct ImportFile {
    let bytes: [UInt8]
    let fileName: String
    /// The name that the operator gave.
    let givenName: String?

    /// The file's name without folders.
    var baseName: String {
        fileName.split(separator: "/").last.map(String.init) ?? "persona"
    }

    /// The file's name without folders and extension, for a file that has no name of its own.
    var stem: String {
        let base = baseName
        guard let dot = base.lastIndex(of: "."), dot > base.startIndex else { return base }
        return String(base[..<dot])
    }

    /// The original as the package keeps it.
    func original(as format: ImportFormat) -> OriginalFile {
        OriginalFile(name: baseName, format: format.rawValue, bytes: bytes)
    }

    /// The display name: the operator's, else the file's own.
    func name(_ own: String?, field: String) throws(PersonaError) -> String {
        if let givenName { return try fit(PersonaText.name(givenName)) }
        guard let own else { throw .missingField(field) }
        return try fit(PersonaText.name(own, field: field))
    }

    /// A name that nobody takes for an id, an address or another's name; packages of before may have any.
    private func fit(_ name: String) throws(PersonaError) -> String {
        if let fault = DisplayName.fault(in: name) { throw .unfitName(name, fault) }
        return name
    }

    /// The file as one JSON value; where several values follow one another, as one a line.
    func document() throws(PersonaError) -> ImportDocument {
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        do throws(JSONError) {
            return .single(try JSON.parse(text, limits: Self.limits))
        } catch .trailingBytes {
            return .lines(try lines(text))
        } catch {
            throw .malformedJSON(line: nil, error)
        }
    }

    /// One JSON text inside the file.
    func parse(_ text: [UInt8], line: Int?) throws(PersonaError) -> JSON {
        do throws(JSONError) {
            return try JSON.parse(text, limits: Self.limits)
        } catch {
            throw .malformedJSON(line: line, error)
        }
    }

    private func lines(_ text: [UInt8]) throws(PersonaError) -> [JSON] {
        var values: [JSON] = []
        for (index, line) in text.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            guard line.contains(where: { ![0x20, 0x09, 0x0D].contains($0) }) else { continue }
            guard values.count < PersonaLimits.importedMessages else {
                throw .tooMany(field: "lines", limit: PersonaLimits.importedMessages)
            }
            values.append(try parse(Array(line), line: index + 1))
        }
        return values
    }

    private static var limits: JSONLimits {
        JSONLimits(maximumBytes: PersonaLimits.importBytes, maximumDepth: PersonaLimits.importJSONDepth)
    }
}
