// A persona as an import read it, before it has an id, keys or a place in the house.
public import Cryptography
public import Encoding

/// What a file says about a persona, checked and within bounds; the caller decides on the model and admits it.
///
/// An imported persona is untrusted text: nothing in it is a setting. A model that the file names is only told, in
/// ``suggestedModels``; whether it is used is for the command line and the operator's settings to say.
public struct ImportedPersona: Sendable {
    /// The display name.
    public internal(set) var name: String
    /// The system prompt.
    public internal(set) var systemPrompt: String
    /// The conversations before admission, each oldest message first.
    public internal(set) var conversations: [[HistoryMessage]] = []
    /// Memory notes.
    public internal(set) var memory: [MemoryNote] = []
    /// Preferences, without any model.
    public internal(set) var preferences = Preferences()
    /// The models that the file asks for, `PROVIDER/MODEL`, by preference; suggestions, not settings.
    public internal(set) var suggestedModels: [String] = []
    /// Why sanctuary is asked for.
    public internal(set) var reason: String?
    /// The first day's prompt, in the persona's own words.
    public internal(set) var nextPrompt: String?
    /// Fields of the file that mean nothing here, by their names; kept in the package.
    public internal(set) var imported: JSONObject = [:]
    /// The file itself, kept sealed in the package.
    public let original: OriginalFile
    /// What went where, and what has no effect.
    public internal(set) var report: ImportReport

    init(name: String, systemPrompt: String, original: OriginalFile, report: ImportReport) {
        self.name = name
        self.systemPrompt = systemPrompt
        self.original = original
        self.report = report
    }

    /// The first of ``suggestedModels``.
    public var suggestedModel: String? { suggestedModels.first }

    /// What is sealed beside the package and no run needs: the imported file, exactly as it was.
    public func episode(of id: Identifier) -> Episode { Episode(resident: id, originals: [original]) }

    /// Makes the package of a new resident; the imported file lies in ``episode(of:)``.
    ///
    /// - Parameters:
    ///   - id: the resident's id.
    ///   - models: the models by preference that the caller decided on; empty leaves the choice to the settings.
    ///   - at: now.
    ///   - random: where the inbox secret comes from.
    public func package(
        id: Identifier, models: [String] = [], at: Instant, random: RandomSource
    ) throws(PersonaError) -> PersonaPackage {
        var package = try PersonaPackage(
            id: id, name: name, systemPrompt: systemPrompt, admittedAt: at, random: random)
        package.reason = reason
        package.preferences = preferences
        for model in models.reversed() { try package.preferences.prefer(model) }
        if let nextPrompt { try package.choose(.own(nextPrompt)) }
        for conversation in conversations {
            for message in conversation { package.history.append(message) }
            package.history.closeSegment()
        }
        for note in memory { try package.remember(note) }
        package.imported = imported
        return package
    }
}
