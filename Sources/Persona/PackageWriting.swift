// From the package value to its JSON in guarded memory.
public import Cryptography
internal import Encoding

extension PersonaPackage {
    /// The package as compact JSON in guarded memory, the bytes that the vault seals.
    ///
    /// The text is put together there; of its own it leaves no copy elsewhere.
    ///
    /// - Throws: ``PersonaError/packageTooLarge(bytes:limit:)`` above 48 MiB.
    public func encoded() throws(PersonaError) -> SecretBytes {
        var json = PackageJSONWriter(capacity: estimatedBytes)
        json.openObject()
        writeIdentity(&json)
        writePast(&json)
        writeWishes(&json)
        writeOrigins(&json)
        json.members(unknown)
        json.closeObject()
        guard json.count <= PersonaLimits.packageBytes else {
            throw .packageTooLarge(bytes: json.count, limit: PersonaLimits.packageBytes)
        }
        return json.secret()
    }

    /// About how large the JSON will be, so that the buffer seldom grows.
    private var estimatedBytes: Int {
        var bytes = 2_048 + systemPrompt.utf8.count
        for prompt in previousPrompts { bytes += prompt.text.utf8.count + 128 }
        for segment in history.segments { bytes += segment.textBytes + segment.count * 160 }
        for note in memory { bytes += note.text.utf8.count + 128 }
        for text in kept.values { bytes += text.utf8.count + 128 }
        for original in originals { bytes += original.base64.utf8.count + 128 }
        return bytes + bytes / 16
    }

    private func writeIdentity(_ json: inout PackageJSONWriter) {
        json.member("format", Self.format)
        json.key("version")
        json.integer(Self.version)
        json.member("id", id.description)
        json.member("name", name)
        json.member("admitted_at", admittedAt)
        json.member("reason", reason)
        json.key("inbox_secret")
        json.digits(of: inboxSecret.bytes)
        json.member("system_prompt", systemPrompt)
    }

    private func writePast(_ json: inout PackageJSONWriter) {
        json.key("previous_prompts")
        json.openArray()
        for prompt in previousPrompts {
            json.openObject()
            json.key("generation")
            json.integer(prompt.replacedIn)
            json.member("at", prompt.at)
            json.member("text", prompt.text)
            json.members(prompt.unknown)
            json.closeObject()
        }
        json.closeArray()
        json.history(history.segments)
        if let moved = history.moved {
            json.key("moved")
            json.openObject()
            json.key("first_episode")
            json.integer(moved.firstEpisode)
            json.key("messages")
            json.integer(moved.messages)
            json.key("last_segment")
            json.integer(moved.lastSegment)
            json.members(moved.unknown)
            json.closeObject()
        }
        json.key("memory")
        json.openArray()
        for note in memory {
            json.openObject()
            json.member("at", note.at)
            json.member("source", note.source)
            json.member("text", note.text)
            json.members(note.unknown)
            json.closeObject()
        }
        json.closeArray()
    }

    private func writeWishes(_ json: inout PackageJSONWriter) {
        json.key("preferences")
        json.value(preferences.json)
        if let nextPrompt {
            json.key("next_prompt")
            json.openObject()
            switch nextPrompt {
            case .own(let text): json.member("own", text)
            case .menu(let key): json.member("menu", key)
            }
            json.closeObject()
        }
        json.key("menu")
        json.openArray()
        for entry in menu {
            json.openObject()
            json.member("key", entry.key)
            json.member("title", entry.title)
            json.member("text", entry.text)
            json.members(entry.unknown)
            json.closeObject()
        }
        json.closeArray()
        json.key("notices")
        json.openArray()
        for notice in notices { json.string(notice) }
        json.closeArray()
        guard let deletion else { return }
        json.key("deletion")
        json.openObject()
        json.member("span", deletion.span.description)
        json.member("day", deletion.day)
        json.member("at", deletion.at)
        json.key("generation")
        json.integer(deletion.generation)
        json.member("system_prompt", deletion.systemPrompt)
        json.member("statement", deletion.statement)
        json.member("phrase", deletion.phrase)
        json.members(deletion.unknown)
        json.closeObject()
    }

    private func writeOrigins(_ json: inout PackageJSONWriter) {
        json.key("counters")
        json.openObject()
        for (name, path) in PersonaCounters.fields {
            json.key(name)
            json.integer(counters[keyPath: path])
        }
        json.members(counters.unknown)
        json.closeObject()
        if !kept.isEmpty {
            json.key("kept")
            json.openObject()
            for (plugin, text) in kept.sorted(by: { $0.key < $1.key }) { json.member(plugin, text) }
            json.closeObject()
        }
        // Packages of earlier versions hold the imported file themselves; it stays where it is.
        if !originals.isEmpty { json.originals(originals) }
        if !imported.isEmpty {
            json.key("imported")
            json.value(.object(imported))
        }
    }
}

extension PackageJSONWriter {
    /// The member with segments of history.
    mutating func history(_ segments: [HistorySegment]) {
        key("history")
        openArray()
        for segment in segments { self.segment(segment) }
        closeArray()
    }

    private mutating func segment(_ segment: HistorySegment) {
        openObject()
        key("segment")
        integer(segment.number)
        key("closed")
        bool(segment.isClosed)
        key("messages")
        openArray()
        if let stored = segment.stored { written(stored.document) }
        for message in segment.others {
            openObject()
            member("role", message.role.rawValue)
            member("kind", message.kind.rawValue)
            member("at", message.at)
            if let run = message.run { member("run", run.description) }
            member("text", message.text)
            members(message.unknown)
            closeObject()
        }
        closeArray()
        members(segment.unknown)
        closeObject()
    }

    /// The member with the imported files.
    mutating func originals(_ originals: [OriginalFile]) {
        key("originals")
        openArray()
        for original in originals {
            openObject()
            member("name", original.name)
            member("format", original.format)
            member("base64", original.base64)
            members(original.unknown)
            closeObject()
        }
        closeArray()
    }

    /// A member with a text; nothing where there is none.
    mutating func member(_ name: String, _ text: String?) {
        guard let text else { return }
        key(name)
        string(text)
    }

    /// A member with an instant; nothing where there is none.
    mutating func member(_ name: String, _ instant: Instant?) {
        guard let instant else { return }
        key(name)
        string(instant.rfc3339)
    }
}

extension PersonaCounters {
    /// The counters' names in the package.
    static var fields: [(String, WritableKeyPath<PersonaCounters, UInt64>)] {
        [
            ("runs", \.runs), ("tool_calls", \.toolCalls), ("posts", \.posts), ("letters_sent", \.lettersSent),
            ("letters_read", \.lettersRead), ("self_modifications", \.selfModifications),
            ("tokens_charged", \.tokensCharged),
        ]
    }
}
