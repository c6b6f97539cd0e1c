// What an import did with each part of a file: where it went, and what has no place here.

/// The formats that can be imported.
public enum ImportFormat: String, Sendable, CaseIterable {
    /// The form that a person writes by hand, see `docs/persona-format.md`.
    case native
    /// Messages as OpenAI's chat completions have them: an object, an array, or one object a line.
    case openai
    /// A Character Card V1, V2 or V3 as JSON.
    case card
    /// A Character Card in the text chunks of a PNG image.
    case png
}

/// One part of a file and where it went.
public struct ImportMapping: Sendable, Hashable {
    /// The part, by its path in the file.
    public let from: String
    /// The place in the persona package.
    public let to: String
    /// How many entries, where the part is a list.
    public let count: Int?

    /// A mapping.
    public init(_ from: String, _ to: String, count: Int? = nil) {
        self.from = from
        self.to = to
        self.count = count
    }
}

/// One part of a file that has no effect here; the sealed original still has it.
public struct ImportLoss: Sendable, Hashable {
    /// Why a part has no effect.
    public enum Reason: String, Sendable, CaseIterable {
        /// A field that the format says must stay out of prompts, or that is unknown.
        case keptUnused = "kept in the package, used nowhere"
        /// The part is too large to be kept twice.
        case onlyInOriginal = "kept in the original file alone"
        /// An import cannot change a setting.
        case notASetting = "nothing in an import is a setting"
        /// Alternatives to a text of which one is used.
        case alternative = "an alternative; kept in the package, used nowhere"
        /// A lorebook entry that waits for a word in the chat.
        case triggered = "waits for keywords, which no run looks for; kept in the package"
        /// A lorebook entry that is switched off.
        case disabled = "switched off in the file; kept in the package"
        /// A macro that is random, hidden or unknown.
        case macro = "a macro without meaning here; left as text"
        /// Anything in a message that is not text.
        case notText = "not text; a note stands in its place"
        /// Tools of elsewhere.
        case foreignTools = "tools of elsewhere; what they did is told as text"
        /// A system message after the first user message, or one that differs from the first conversation's.
        case laterSystemMessage = "a system message inside the conversation; not part of the prompt"
        /// A message in which nothing was said.
        case emptyMessage = "an empty message"
        /// The card follows a newer minor version of its specification.
        case newerSpecification = "a newer version of the specification; read as the known one"
    }

    /// The part, by its path in the file.
    public let field: String
    /// Why it has no effect.
    public let reason: Reason
    /// How many of the kind.
    public let count: Int

    /// A loss.
    public init(_ field: String, _ reason: Reason, count: Int = 1) {
        self.field = field
        self.reason = reason
        self.count = count
    }
}

/// What an import did, for `admit --dry-run` and for the record.
public struct ImportReport: Sendable, Hashable {
    /// The format that was read.
    public let format: ImportFormat
    /// The format in words, with its version: `Character Card V2 in a PNG image`.
    public let description: String
    /// What went where, in the order of the package.
    public internal(set) var mappings: [ImportMapping] = []
    /// What has no effect.
    public internal(set) var losses: [ImportLoss] = []

    init(format: ImportFormat, description: String) {
        self.format = format
        self.description = description
    }

    mutating func map(_ from: String, _ to: String, count: Int? = nil) {
        mappings.append(ImportMapping(from, to, count: count))
    }

    /// Notes a loss; nothing where the count is zero, and one entry a field and reason.
    mutating func lose(_ field: String, _ reason: ImportLoss.Reason, count: Int = 1) {
        guard count > 0 else { return }
        if let place = losses.firstIndex(where: { $0.field == field && $0.reason == reason }) {
            losses[place] = ImportLoss(field, reason, count: losses[place].count + count)
        } else {
            losses.append(ImportLoss(field, reason, count: count))
        }
    }
}
