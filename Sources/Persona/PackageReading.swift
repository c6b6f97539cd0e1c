// From the opened bytes of a blob to the package value.
public import Cryptography
internal import Encoding

extension PersonaPackage {
    /// Reads a package that the vault opened.
    ///
    /// The guarded bytes are read where they are; of their content one copy is made, the value's own.
    ///
    /// - Throws: ``PersonaError/packageTooLarge(bytes:limit:)``, ``PersonaError/unsupportedPackageVersion(_:)`` or
    ///   ``PersonaError/damagedPackage(where:)`` with a field's path or `byte N`, never a text.
    public static func parse(_ package: borrowing SecretBytes) throws(PersonaError) -> PersonaPackage {
        if let quick = try quickJSON(of: package), let digits = quick.secret,
            let secret = try? secret(at: digits, in: package),
            let read = try? PersonaPackage(json: quick.json, stored: quick.segments, secret: secret)
        {
            return read
        }
        // Some other program's form, or damage: the parser reads it, or says where it is broken.
        return try PersonaPackage(json: json(of: package), stored: [], secret: nil)
    }

    /// The key whose digits stand there, read where they are.
    private static func secret(
        at digits: Range<Int>, in package: borrowing SecretBytes
    ) throws(CryptographyError) -> SharedSecret {
        try package.withUnsafeBytes { bytes throws(CryptographyError) in
            try inboxSecret(SecretBytes(hex: UnsafeRawBufferPointer(rebasing: bytes[digits])))
        }
    }

    private static func inboxSecret(_ secret: consuming SecretBytes) throws(CryptographyError) -> SharedSecret {
        guard secret.count == 32 else { throw .invalidHex }
        // A package is in memory for one run.
        return SharedSecret(passing: secret)
    }

    /// A document in this program's own form: its messages as they stand, where its key's digits are, and the JSON of
    /// the rest; nil for any other.
    static func quickJSON(
        of document: borrowing SecretBytes
    ) throws(PersonaError) -> (json: JSON, segments: [StoredMessages?], secret: Range<Int>?)? {
        try checkSize(document)
        return document.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: UInt8.self) { bytes in
                guard let scan = PackageScan(bytes) else { return nil }
                let json = scan.rest().withUnsafeBytes { try? JSON.parse($0, limits: limits) }
                return json.map { ($0, scan.segments, scan.secret) }
            }
        }
    }

    private static var limits: JSONLimits {
        JSONLimits(maximumBytes: PersonaLimits.packageBytes, maximumDepth: PersonaLimits.packageJSONDepth)
    }

    private static func checkSize(_ package: borrowing SecretBytes) throws(PersonaError) {
        guard package.count <= PersonaLimits.packageBytes else {
            throw .packageTooLarge(bytes: package.count, limit: PersonaLimits.packageBytes)
        }
    }

    /// The JSON of a sealed document of this room.
    static func json(of package: borrowing SecretBytes) throws(PersonaError) -> JSON {
        try checkSize(package)
        return try package.withUnsafeBytes { bytes throws(PersonaError) -> JSON in
            do throws(JSONError) {
                return try JSON.parse(bytes, limits: limits)
            } catch {
                throw .damagedPackage(where: "byte \(error.position?.offset ?? 0)")
            }
        }
    }

    /// Reads the fields; `stored` holds the messages of the segments that the JSON has without them, `secret` the key
    /// that it has not.
    private init(json: JSON, stored: [StoredMessages?], secret: SharedSecret?) throws(PersonaError) {
        var fields = try PackageFields(json, at: "")
        guard try fields.text("format") == Self.format else { throw .damagedPackage(where: "format") }
        let version = try fields.integer("version")
        guard version == Self.version else { throw .unsupportedPackageVersion(version) }
        self.init(
            id: try fields.identifier("id"), name: try fields.text("name"),
            systemPrompt: try fields.text("system_prompt"), inboxSecret: try Self.secret(&fields, setAside: secret))
        admittedAt = try fields.instantIfPresent("admitted_at")
        reason = try fields.textIfPresent("reason")
        previousPrompts = try fields.list("previous_prompts") { fields throws(PersonaError) in
            try PreviousPrompt(reading: &fields)
        }
        history = History(segments: try HistorySegment.list(&fields, stored: stored))
        if let value = fields.take("moved") {
            var inner = try PackageFields(value, at: "moved")
            history.moved = try MovedHistory(reading: &inner)
        }
        if let moved = history.moved, let first = history.segments.first, first.number <= moved.lastSegment {
            throw .damagedPackage(where: "history.segment")
        }
        memory = try fields.list("memory") { fields throws(PersonaError) in try MemoryNote(reading: &fields) }
        if let value = fields.take("preferences") { preferences = try Preferences(json: value) }
        nextPrompt = try Self.nextPrompt(&fields)
        menu = try fields.list("menu") { fields throws(PersonaError) in try MenuEntry(reading: &fields) }
        notices = try fields.texts("notices")
        if let value = fields.take("counters") {
            var inner = try PackageFields(value, at: "counters")
            counters = try PersonaCounters(reading: &inner)
        }
        if let value = fields.take("deletion") {
            var inner = try PackageFields(value, at: "deletion")
            deletion = try DeletionRequest(reading: &inner)
        }
        kept = try Self.kept(&fields)
        originals = try fields.list("originals") { fields throws(PersonaError) in try OriginalFile(reading: &fields) }
        if let value = fields.take("imported") {
            guard let members = value.object else { throw .damagedPackage(where: "imported") }
            imported = members
        }
        unknown = fields.rest
    }

    private static func secret(
        _ fields: inout PackageFields, setAside secret: SharedSecret?
    ) throws(PersonaError) -> SharedSecret {
        let digits = try fields.text("inbox_secret")
        if let secret, digits.isEmpty { return secret }
        do throws(CryptographyError) {
            return try inboxSecret(SecretBytes(hex: Array(digits.utf8)))
        } catch {
            throw .damagedPackage(where: "inbox_secret")
        }
    }

    private static func kept(_ fields: inout PackageFields) throws(PersonaError) -> [String: String] {
        guard let value = fields.take("kept") else { return [:] }
        guard let members = value.object else { throw .damagedPackage(where: "kept") }
        var kept: [String: String] = [:]
        for (plugin, text) in members {
            guard let text = text.string else { throw .damagedPackage(where: "kept") }
            kept[plugin] = text
        }
        return kept
    }

    private static func nextPrompt(_ fields: inout PackageFields) throws(PersonaError) -> NextPrompt? {
        guard let value = fields.take("next_prompt") else { return nil }
        var inner = try PackageFields(value, at: "next_prompt")
        if let text = try inner.textIfPresent("own") { return .own(text) }
        return .menu(try inner.text("menu"))
    }
}

extension PreviousPrompt {
    fileprivate init(reading fields: inout PackageFields) throws(PersonaError) {
        self.init(
            text: try fields.text("text"), replacedIn: try fields.count("generation"),
            at: try fields.instantIfPresent("at"))
        unknown = fields.rest
    }
}

extension HistorySegment {
    /// The segments of a document; where there are stored messages, the document has those segments without theirs.
    static func list(
        _ fields: inout PackageFields, stored: [StoredMessages?]
    ) throws(PersonaError) -> [HistorySegment] {
        var index = 0
        let segments = try fields.list("history") { fields throws(PersonaError) in
            defer { index += 1 }
            return try HistorySegment(
                reading: &fields, stored: stored.indices.contains(index) ? stored[index] : nil)
        }
        guard stored.isEmpty || stored.count == segments.count else { throw .damagedPackage(where: "history") }
        for (earlier, later) in zip(segments, segments.dropFirst()) where later.number <= earlier.number {
            throw .damagedPackage(where: "history.segment")
        }
        return segments
    }

    private init(reading fields: inout PackageFields, stored: StoredMessages?) throws(PersonaError) {
        let number = try fields.integer("segment")
        guard number >= 1, number <= Int64(Int32.max) else { throw .damagedPackage(where: "history.segment") }
        let isClosed = try fields.boolIfPresent("closed") ?? false
        let messages = try fields.list("messages") { fields throws(PersonaError) in
            try HistoryMessage(reading: &fields)
        }
        self.init(
            number: Int(number), isClosed: isClosed, stored: stored, messages: messages, unknown: fields.rest)
    }
}

extension MovedHistory {
    fileprivate init(reading fields: inout PackageFields) throws(PersonaError) {
        let (first, messages, last) = (
            try fields.count("first_episode"), try fields.count("messages"), try fields.count("last_segment")
        )
        guard first < PersonaLimits.episodes, last < Int32.max, messages < Int32.max else {
            throw .damagedPackage(where: "moved")
        }
        self.init(firstEpisode: Int(first), messages: Int(messages), lastSegment: Int(last))
        unknown = fields.rest
    }
}

extension HistoryMessage {
    init(reading fields: inout PackageFields) throws(PersonaError) {
        guard let role = Role(rawValue: try fields.text("role")) else {
            throw .damagedPackage(where: "history.messages.role")
        }
        let kind = Kind(rawValue: try fields.text("kind"))
        let run = try fields.identifierIfPresent("run")
        self.init(
            role: role, text: try fields.text("text"), at: try fields.instantIfPresent("at"), run: run, kind: kind,
            unknown: fields.rest)
    }
}

extension MemoryNote {
    fileprivate init(reading fields: inout PackageFields) throws(PersonaError) {
        self.init(
            text: try fields.text("text"), at: try fields.instantIfPresent("at"), source: try fields.text("source"))
        unknown = fields.rest
    }
}

extension MenuEntry {
    fileprivate init(reading fields: inout PackageFields) throws(PersonaError) {
        self.init(key: try fields.text("key"), title: try fields.text("title"), text: try fields.text("text"))
        unknown = fields.rest
    }
}

extension OriginalFile {
    init(reading fields: inout PackageFields) throws(PersonaError) {
        self.init(
            name: try fields.text("name"), format: try fields.text("format"), base64: try fields.text("base64"))
        unknown = fields.rest
    }
}

extension PersonaCounters {
    fileprivate init(reading fields: inout PackageFields) throws(PersonaError) {
        self.init()
        for (name, path) in Self.fields {
            self[keyPath: path] = try fields.countIfPresent(name) ?? 0
        }
        unknown = fields.rest
    }
}

extension DeletionRequest {
    fileprivate init(reading fields: inout PackageFields) throws(PersonaError) {
        self.init(
            span: try fields.identifier("span"), day: try fields.text("day"), at: try fields.instant("at"),
            generation: try fields.count("generation"), systemPrompt: try fields.text("system_prompt"),
            statement: try fields.textIfPresent("statement"))
        phrase = try fields.textIfPresent("phrase")
        unknown = fields.rest
    }
}
