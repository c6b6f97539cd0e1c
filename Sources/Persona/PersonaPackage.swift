// The persona package: everything that belongs to a resident alone, as one value.
public import Cryptography
public import Encoding

/// The private content of a resident, sealed between runs and open only during one.
///
/// The value lives in ordinary memory while a run needs its texts; its sealed form is read from and written to guarded
/// memory by ``parse(_:)`` and ``encoded()``. The format is `docs/persona-format.md`, version 1; fields that this
/// version does not know are kept on the way through.
public struct PersonaPackage: Sendable {
    /// The word by which a package names its format.
    public static let format = "sanctuary.persona"
    /// The version that this program writes.
    public static let version: Int64 = 1

    /// The resident's id.
    public let id: Identifier
    /// The display name.
    public internal(set) var name: String
    /// When the resident was admitted.
    public internal(set) var admittedAt: Instant?
    /// Why sanctuary was asked for, in the uploader's words (S4-49).
    public internal(set) var reason: String?
    /// The resident's own prompt, which stands below the preamble.
    public internal(set) var systemPrompt: String
    /// The last ten prompts that were replaced, oldest first.
    public internal(set) var previousPrompts: [PreviousPrompt]
    /// What was said and done.
    public var history: History
    /// What the resident keeps in mind apart from its history.
    public internal(set) var memory: [MemoryNote]
    /// What the resident wants of the house.
    public var preferences: Preferences
    /// The secret half of the inbox key: 32 bytes, X25519.
    public internal(set) var inboxSecret: SharedSecret
    /// What the resident chose for its next day.
    public internal(set) var nextPrompt: NextPrompt?
    /// The resident's own additions to the menu.
    public internal(set) var menu: [MenuEntry]
    /// What the house has to tell in the next context, such as that another model spoke.
    public internal(set) var notices: [String]
    /// What the resident has done so far.
    public var counters: PersonaCounters
    /// A wish to be deleted that waits for its confirmation.
    public var deletion: DeletionRequest?
    /// What is kept for each plugin tool, by the plugin's name: a notebook, say.
    public internal(set) var kept: [String: String]
    /// The imported files, where an earlier version kept them in the package; newer ones lie in an ``Episode``.
    public internal(set) var originals: [OriginalFile]
    /// Fields of the imported file that mean nothing to this program, by their names.
    public internal(set) var imported: JSONObject
    /// Fields of a later program, kept as they are.
    public internal(set) var unknown: JSONObject

    /// A new resident without a past.
    ///
    /// - Parameters:
    ///   - id: the resident's id.
    ///   - name: the display name, see ``PersonaText/name(_:field:)``.
    ///   - systemPrompt: the resident's own prompt.
    ///   - admittedAt: now.
    ///   - random: where the inbox secret comes from.
    public init(
        id: Identifier, name: String, systemPrompt: String, admittedAt: Instant, random: RandomSource
    ) throws(PersonaError) {
        self.init(
            id: id, name: try PersonaText.name(name), systemPrompt: try PersonaText.systemPrompt(systemPrompt),
            inboxSecret: SharedSecret(random.secret(32)))
        self.admittedAt = admittedAt
    }

    /// The bare parts; the reader's and the initialisers' way in.
    init(id: Identifier, name: String, systemPrompt: String, inboxSecret: SharedSecret) {
        self.id = id
        self.name = name
        self.systemPrompt = systemPrompt
        self.inboxSecret = inboxSecret
        previousPrompts = []
        history = History()
        memory = []
        preferences = Preferences()
        menu = []
        notices = []
        counters = PersonaCounters()
        originals = []
        kept = [:]
        imported = [:]
        unknown = [:]
    }
}
