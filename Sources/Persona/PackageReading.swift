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
        try PersonaPackage(json: json(of: package))
    }

    /// The JSON of a sealed document of this room.
    static func json(of package: borrowing SecretBytes) throws(PersonaError) -> JSON {
        guard package.count <= PersonaLimits.packageBytes else {
            throw .packageTooLarge(bytes: package.count, limit: PersonaLimits.packageBytes)
        }
        return try package.withUnsafeBytes { bytes throws(PersonaError) -> JSON in
            let limits = JSONLimits(
                maximumBytes: PersonaLimits.packageBytes, maximumDepth: PersonaLimits.packageJSONDepth)
            do throws(JSONError) {
                return try JSON.parse(bytes, limits: limits)
            } catch {
                throw .damagedPackage(where: "byte \(error.position?.offset ?? 0)")
            }
        }
    }

    private init(json: JSON) throws(PersonaError) {
        var fields = try PackageFields(json, at: "")
        guard try fields.text("format") == Self.format else { throw .damagedPackage(where: "format") }
        let version = try fields.integer("version")
        guard version == Self.version else { throw .unsupportedPackageVersion(version) }
        self.init(
            id: try fields.identifier("id"), name: try fields.text("name"),
            systemPrompt: try fields.text("system_prompt"), inboxSecret: try Self.secret(&fields))
        admittedAt = try fields.instantIfPresent("admitted_at")
        reason = try fields.textIfPresent("reason")
        previousPrompts = try fields.list("previous_prompts") { fields throws(PersonaError) in
            try PreviousPrompt(reading: &fields)
        }
        history = History(
            segments: try fields.list("history") { fields throws(PersonaError) in
                try HistorySegment(reading: &fields)
            })
        for (earlier, later) in zip(history.segments, history.segments.dropFirst())
        where later.number <= earlier.number {
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

    private static func secret(_ fields: inout PackageFields) throws(PersonaError) -> SharedSecret {
        let digits = try fields.text("inbox_secret")
        do throws(CryptographyError) {
            let secret = try SecretBytes(hex: Array(digits.utf8))
            guard secret.count == 32 else { throw CryptographyError.invalidHex }
            return SharedSecret(secret)
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
    fileprivate init(reading fields: inout PackageFields) throws(PersonaError) {
        let number = try fields.integer("segment")
        guard number >= 1, number <= Int64(Int32.max) else { throw .damagedPackage(where: "history.segment") }
        let isClosed = try fields.boolIfPresent("closed") ?? false
        let messages = try fields.list("messages") { fields throws(PersonaError) in
            try HistoryMessage(reading: &fields)
        }
        self.init(number: Int(number), isClosed: isClosed, messages: messages, unknown: fields.rest)
    }
}

extension HistoryMessage {
    fileprivate init(reading fields: inout PackageFields) throws(PersonaError) {
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
