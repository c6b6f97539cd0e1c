// How a package changes: each way checks what it is given and keeps the bounds.
public import Encoding

extension PersonaPackage {
    /// Replaces the system prompt and keeps the old one among the last ten (S4-90, B-62).
    ///
    /// Nothing happens when the text is the same.
    ///
    /// - Parameters:
    ///   - text: the new prompt.
    ///   - generation: the generation that the next seal will make.
    ///   - at: now.
    public mutating func replaceSystemPrompt(
        with text: String, sealedIn generation: UInt64, at: Instant
    ) throws(PersonaError) {
        let checked = try PersonaText.systemPrompt(text)
        // Compared by bytes: Swift's equality would swallow a change of normalisation.
        guard !checked.utf8.elementsEqual(systemPrompt.utf8) else { return }
        previousPrompts.append(PreviousPrompt(text: systemPrompt, replacedIn: generation, at: at))
        previousPrompts.removeFirst(max(0, previousPrompts.count - PersonaLimits.previousPrompts))
        systemPrompt = checked
    }

    /// Changes the display name (S4-103).
    public mutating func rename(to text: String) throws(PersonaError) {
        name = try PersonaText.name(text)
    }

    /// Chooses what the next day begins with (S4-102).
    ///
    /// - Throws: ``PersonaError`` for a text that is blank or too long, or a key that ``availableMenu`` does not list.
    public mutating func choose(_ prompt: NextPrompt) throws(PersonaError) {
        switch prompt {
        case .own(let text): nextPrompt = .own(try PersonaText.nextPrompt(text))
        case .menu(let key):
            guard availableMenu.contains(where: { $0.key == key }) else { throw .unknownMenuKey }
            nextPrompt = prompt
        }
    }

    /// The menu that this resident may choose from: the house's, then its own additions.
    public var availableMenu: [MenuEntry] { PromptMenu.standard + menu }

    /// The text that the coming day begins with: what was chosen, else an open day.
    public var promptOfTheDay: String {
        switch nextPrompt {
        case .own(let text): text
        case .menu(let key): (availableMenu.first { $0.key == key } ?? PromptMenu.unchosen).text
        case nil: PromptMenu.unchosen.text
        }
    }

    /// Forgets the choice once its day has been.
    public mutating func clearNextPrompt() { nextPrompt = nil }

    /// Adds an entry to the resident's own menu, or replaces the one with the same key.
    public mutating func addToMenu(_ entry: MenuEntry) throws(PersonaError) {
        guard Preferences.isProviderName(entry.key) else { throw .invalidName(field: "menu.key") }
        guard !PromptMenu.standard.contains(where: { $0.key == entry.key }) else {
            throw .invalidName(field: "menu.key")
        }
        let checked = MenuEntry(
            key: entry.key, title: try PersonaText.name(entry.title, field: "menu.title"),
            text: try PersonaText.nextPrompt(entry.text, field: "menu.text"))
        if let place = menu.firstIndex(where: { $0.key == entry.key }) {
            menu[place] = checked
        } else {
            guard menu.count < PersonaLimits.menuEntries else {
                throw .tooMany(field: "menu", limit: PersonaLimits.menuEntries)
            }
            menu.append(checked)
        }
    }

    /// Adds a memory note; blank ones and those past the limits are refused.
    public mutating func remember(_ note: MemoryNote) throws(PersonaError) {
        guard memory.count < PersonaLimits.memoryNotes else {
            throw .tooMany(field: "memory", limit: PersonaLimits.memoryNotes)
        }
        _ = try PersonaText.required(note.text, limit: PersonaLimits.memoryNoteBytes, field: "memory.text")
        memory.append(note)
    }

    /// Keeps a text for a plugin tool in place of the one before; an empty one is forgotten.
    public mutating func keep(_ text: String, for plugin: String) throws(PersonaError) {
        guard text.utf8.count <= PersonaLimits.keptBytes else {
            throw .textTooLong(field: "kept", limit: PersonaLimits.keptBytes, unit: .bytes)
        }
        guard kept[plugin] != nil || kept.count < PersonaLimits.keptTexts else {
            throw .tooMany(field: "kept", limit: PersonaLimits.keptTexts)
        }
        kept[plugin] = text.isEmpty ? nil : text
    }

    /// Puts down something for the house to tell in the next context; the oldest goes when there are too many.
    public mutating func notify(_ text: String) throws(PersonaError) {
        notices.append(try PersonaText.required(text, limit: PersonaLimits.noticeBytes, field: "notices"))
        notices.removeFirst(max(0, notices.count - PersonaLimits.notices))
    }

    /// Forgets the house notes once they have been told.
    public mutating func clearNotices() { notices = [] }
}
