// How large each part of a persona may be, in one place.

/// The bounds of packages and imports; each is checked where the value enters.
public enum PersonaLimits {
    /// A package in plaintext: 48 MiB, below the 64 MiB of a blob.
    public static let packageBytes = 50_331_648
    /// A file to import: 20 MiB, so that its base64 copy and its own text still fit a package.
    public static let importBytes = 20_971_520
    /// A display name.
    public static let nameCharacters = 100
    /// A display name in UTF-8; a character may be long.
    public static let nameBytes = 400
    /// A system prompt: 256 KiB.
    public static let systemPromptBytes = 262_144
    /// System prompts that are kept after they were replaced.
    public static let previousPrompts = 10
    /// A prompt for the next day, in the resident's own words.
    public static let nextPromptCharacters = 4_000
    /// The same in UTF-8.
    public static let nextPromptBytes = 16_384
    /// One message of the history: 1 MiB.
    public static let messageBytes = 1_048_576
    /// Messages of one import.
    public static let importedMessages = 100_000
    /// Messages after which a segment of the history is closed.
    public static let segmentMessages = 256
    /// Bytes of text after which a segment of the history is closed.
    public static let segmentBytes = 32_768
    /// Bytes of history text above which the oldest closed segments leave the package for an episode.
    public static let historyBytes = 98_304
    /// Bytes of history text that stay in the package when others leave it.
    public static let historyKeptBytes = 49_152
    /// Bytes of history text after which an episode takes no further segment.
    public static let episodeBytes = 131_072
    /// Episodes of a resident: the spans that name them all have their limits too.
    public static let episodes = 800
    /// Memory notes.
    public static let memoryNotes = 1_000
    /// One memory note: 32 KiB.
    public static let memoryNoteBytes = 32_768
    /// Models in a list of preferences.
    public static let preferredModels = 16
    /// Providers that a resident declines.
    public static let declinedProviders = 64
    /// Preferences as JSON: 64 KiB.
    public static let preferencesBytes = 65_536
    /// Depth of JSON nesting in preferences: deeper ones might seal a package that could not be read again.
    public static let preferencesDepth = 32
    /// The text that is kept for one plugin tool: 64 KiB.
    public static let keptBytes = 65_536
    /// Plugin tools that a text is kept for.
    public static let keptTexts = 256
    /// Entries that a resident added to the menu of prompts.
    public static let menuEntries = 64
    /// House notes waiting for the next context.
    public static let notices = 16
    /// One house note, and a reason for admission.
    public static let noticeBytes = 4_096
    /// Original files kept beside a package.
    public static let originals = 4
    /// Fields of an import that mean nothing here, as JSON: 256 KiB; larger ones are in the original alone.
    public static let importedFieldsBytes = 262_144
    /// Unknown fields that a report names.
    public static let reportedFields = 64
    /// Depth of JSON nesting in imports.
    public static let importJSONDepth = 64
    /// Depth of JSON nesting in packages: an import's unknown fields lie some levels deeper than they did in its file.
    public static let packageJSONDepth = 128
}
