// Why a persona package, an import or a token account was refused; data for the command line to render.
public import Encoding

/// Everything that this room refuses.
///
/// Fields are named by their path in the document (`data.description`, `history[3].content`); no case carries a text of
/// a persona other than the name that it would show. `JSONError` may name a duplicate key, which is why a damaged
/// *package* carries a place instead.
public enum PersonaError: Error, Equatable, Sendable {
    // Packages

    /// The sealed package is not what this program writes: the field's path, or the byte where the JSON breaks.
    case damagedPackage(where: String)
    /// The package was written by a later program.
    case unsupportedPackageVersion(Int64)
    /// The package would not fit a blob.
    case packageTooLarge(bytes: Int, limit: Int)

    // Texts and values, of packages, imports and `modify_self` alike

    /// A text that must say something is empty or blank.
    case emptyText(field: String)
    /// A text is longer than its field allows, in bytes of UTF-8 or in characters.
    case textTooLong(field: String, limit: Int, unit: TextUnit)
    /// A text contains U+0000.
    case nulInText(field: String)
    /// A one-line text contains a line break, another control character, or a mark that reverses what is shown.
    case controlCharacterInText(field: String)
    /// A display name would mislead; the name is shown, because it would have been public.
    case unfitName(String, DisplayName.Fault)
    /// A list has more entries than its field allows.
    case tooMany(field: String, limit: Int)
    /// A value is nested deeper than its field allows.
    case tooDeep(field: String, limit: Int)
    /// A value has another JSON type than its field.
    case wrongType(field: String, expected: String)
    /// A field that must be there is absent.
    case missingField(String)
    /// A name is not `PROVIDER/MODEL`, or not a provider's name.
    case invalidName(field: String)
    /// No prompt of the menu has this key.
    case unknownMenuKey

    // Imports

    /// The file is larger than an import may be.
    case importTooLarge(bytes: Int, limit: Int)
    /// The file, or one line of it (1-based), is not strict JSON.
    case malformedJSON(line: Int?, JSONError)
    /// The file is none of the formats that can be imported.
    case unrecognisedFormat
    /// The file is of a format that is known but not imported.
    case unsupportedFormat(UnsupportedFormat)
    /// The file is not what the named format says.
    case formatMismatch(expected: ImportFormat)
    /// A message has a role that its format does not know.
    case unknownRole(field: String)
    /// A card's `spec` is none of the known ones.
    case unknownCardSpec
    /// A PNG file cannot be read.
    case image(CardImageFault)

    // Token accounts

    /// A number of the token settings cannot be; the setting's name.
    case tokenPolicy(String)
    /// The account holds less than a run must be able to spend.
    case belowMinimumRun(spendable: Int, minimum: Int)

    /// In what a text is measured.
    public enum TextUnit: String, Sendable, Equatable {
        /// Bytes of UTF-8.
        case bytes
        /// Characters as a reader counts them.
        case characters
    }
}

/// Formats that people have and that are told apart, so that the refusal can name them.
public enum UnsupportedFormat: String, Sendable, Equatable, CaseIterable {
    /// A CHARX card or another ZIP archive.
    case zip = "ZIP archive (CHARX card or chat export)"
    /// A JPEG image.
    case jpeg = "JPEG image"
    /// A WebP image.
    case webp = "WebP image"
    /// A SillyTavern chat.
    case sillyTavernChat = "SillyTavern chat"
    /// A Letta agent file.
    case lettaAgent = "Letta agent file"
    /// A ChatGPT export.
    case chatGPTExport = "ChatGPT export"
    /// A Claude export.
    case claudeExport = "Claude export"
    /// ShareGPT conversations.
    case shareGPT = "ShareGPT conversation"
    /// A persona package of this program, which holds an id and keys of its own.
    case package = "Sanctuary persona package"
}

/// What is wrong with an image that should carry a card.
public enum CardImageFault: Error, Sendable, Equatable {
    /// The file does not begin with the PNG signature.
    case notPNG
    /// The file ends inside the chunk at this byte.
    case truncated(offset: Int)
    /// The chunk at this byte has a type that is not four letters, or stands where it may not.
    case misplacedChunk(offset: Int)
    /// The chunk at this byte does not have the checksum that it states.
    case badChecksum(offset: Int)
    /// The chunk at this byte is longer than a card may be.
    case chunkTooLarge(offset: Int, limit: Int)
    /// The image has more chunks than are looked at.
    case tooManyChunks(limit: Int)
    /// No text chunk `chara` or `ccv3` is in the image.
    case noCard
    /// The card lies in a chunk type that card writers do not use and that is not read.
    case unsupportedChunk(type: String)
    /// The card's text is not base64.
    case invalidBase64
}
