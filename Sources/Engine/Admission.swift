// Taking personas in: keys first, then the sealed package, then the span that makes a resident of it.
import Community
import Cryptography
public import Encoding
import Files
import Ledger
public import Persona
public import Providers
import Vault

/// A persona that is to become a resident.
public struct Admission: Sendable {
    /// The persona, as it was imported.
    public let persona: ImportedPersona
    /// The model that speaks for it.
    public let model: ModelName

    /// An admission.
    public init(persona: ImportedPersona, model: ModelName) {
        self.persona = persona
        self.model = model
    }
}

/// A resident that was just admitted.
public struct AdmittedResident: Sendable, Equatable {
    /// Its id.
    public let id: Identifier
    /// Its display name.
    public let name: String
    /// Its model.
    public let model: ModelName
}

extension House {
    /// How many residents are sealed before their spans are written together.
    static let admissionGroup = 64

    /// Admits personas: one change of the keyring for all, then group by group blob and span.
    ///
    /// What a crash leaves is a key without a blob, or a blob without a span: no resident, no fault. Names must be
    /// free.
    public func admit(_ admissions: [Admission]) async throws(EngineError) -> [AdmittedResident] {
        try await asEngineError {
            try await admit(admissions.map { (id: surroundings.identifiers.next(), $0) })
        }
    }

    /// Admits under given ids.
    ///
    /// Who is admitted already under its id is passed over; what an interrupted attempt left of it makes way.
    func admit(_ wanted: [(id: Identifier, Admission)]) async throws -> [AdmittedResident] {
        let vault = try openedVault()
        let directory = try await residents()
        let admissions = wanted.filter { directory[$0.id] == nil }
        try checkNames(admissions.map(\.1.persona.name), in: directory)
        let known = Set(vault.residents)
        let newcomers = admissions.map(\.id).filter { !known.contains($0) }
        for (id, _) in admissions where known.contains(id) { try vault.removeOrphan(resident: id, above: nil) }
        if !newcomers.isEmpty { try await changeKeyring { try vault.prepareKeyring(adding: newcomers) } }
        var admitted: [AdmittedResident] = []
        var spans: [SpanDraft] = []
        for (id, admission) in admissions {
            spans.append(try await seal(admission, as: id, in: vault))
            admitted.append(AdmittedResident(id: id, name: admission.persona.name, model: admission.model))
            if spans.count == Self.admissionGroup {
                try await record(spans, newcomers: admitted.suffix(spans.count), in: vault)
                spans = []
            }
        }
        if !spans.isEmpty { try await record(spans, newcomers: admitted.suffix(spans.count), in: vault) }
        return admitted
    }

    /// Makes residents of a group in one transaction, which looks once more whether their names are free: since they
    /// were checked, a resident may have taken one.
    private func record(_ spans: [SpanDraft], newcomers: ArraySlice<AdmittedResident>, in vault: Vault) async throws {
        let names = newcomers.map(\.name)
        do {
            try await record(spans) { connection in
                if let taken = try CommunityTables.takenNames(among: names, in: connection).first {
                    throw EngineError.nameTaken(taken)
                }
            }
        } catch EngineError.nameTaken(let name) {
            // Nobody became of what was sealed for this group.
            for newcomer in newcomers { try? vault.removeOrphan(resident: newcomer.id, above: nil) }
            throw EngineError.nameTaken(name)
        }
    }

    /// Runs a change of the keyring through its two phases with the ledger's span between them.
    func changeKeyring(_ prepare: () throws -> KeyringChange) async throws {
        let vault = try openedVault()
        try await keyringGate.run {
            let change = try prepare()
            do {
                try await record([Self.keyringSpan(vault.id, change.state, surroundings)])
            } catch {
                // Where the span is durable after all, the next start finishes the change; taking it back would leave
                // a keyring that the ledger does not name.
                if try await isWritten(change) == false { try? vault.abandon(change) }
                throw error
            }
            try vault.commit(change)
        }
    }

    private func isWritten(_ change: KeyringChange) async throws -> Bool {
        let last = try await ledger.lastSpan(subject: openedVault().id.hexDigits, types: [.keyringWritten])
        return last?.metadata["hash"]?.string == "blake3:\(Hex.encode(change.hash))"
    }

    private func checkNames(_ names: [String], in directory: ResidentDirectory) throws {
        var taken = Set(
            directory.residents.filter { $0.status != .deletedMemorial }.map { DisplayName.folded($0.name) })
        for name in names {
            guard taken.insert(DisplayName.folded(name)).inserted else { throw EngineError.nameTaken(name) }
        }
    }

    /// Seals the imported file as the first episode, older history as the next, then generation 0, and drafts the span
    /// that makes it count.
    private func seal(_ admission: Admission, as id: Identifier, in vault: Vault) async throws -> SpanDraft {
        let now = surroundings.time.now()
        var package = try admission.persona.package(
            id: id, models: [admission.model.description], at: now, random: surroundings.random)
        let original = try await vault.seal(
            resident: id, after: nil, package: admission.persona.episode(of: id).encoded(), content: .episode)
        let episodes = try await sealOlderHistory(of: &package, after: [original], in: vault)
        let generation = try await vault.seal(resident: id, after: nil) { try package.encoded() }
        let inboxKey = SealedBox.publicKey(secret: package.inboxSecret.bytes)
        var metadata: JSONObject = [
            "generation": .integer(0), "header": .string("blake3:\(Hex.encode(generation.headerHash))"),
            "inbox_key": .string(Hex.encode(inboxKey)), "model": .string(admission.model.description),
            "episodes": .array(episodes.map { .string(HashText.blake3($0.headerHash)) }),
        ]
        if let original = admission.persona.original.bytes {
            metadata["import"] = .string(try vault.sealer(for: id).digestText(original))
        }
        return SpanDraft(
            id: surroundings.identifiers.next(), entityType: .residentAdmitted, who: .operator(operatorID),
            this: id.description, at: now, metadata: metadata, name: package.name)
    }

    /// Seals what the package should no longer hold, durable before any span names it; all episodes, in order.
    ///
    /// A file of the same number that no span names was left by an interrupted run, and makes way.
    func sealOlderHistory(
        of package: inout PersonaPackage, after sealed: [Generation], in vault: Vault
    ) async throws -> [Generation] {
        var episodes = sealed
        while let episode = package.takeEpisode(number: episodes.count) {
            episodes.append(
                try await vault.seal(
                    resident: package.id, after: episodes.last, package: episode.encoded(), content: .episode))
        }
        return episodes
    }
}
