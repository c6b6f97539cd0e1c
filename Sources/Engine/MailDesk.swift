// Letters of humans to residents and of residents to this house; who may be chosen as keeper; pauses.
public import Community
import Cryptography
public import Encoding
import Ledger
public import Providers
import SQLite
import Vault

/// A letter to this house.
public enum HouseLetter: Sendable, Hashable {
    /// It opened.
    case opened(OpenedLetter)
    /// It does not open with the house key, or is not what its row says; the letter's id.
    case sealed(Identifier)

    /// The letter where it opened.
    public var opened: OpenedLetter? { if case .opened(let letter) = self { letter } else { nil } }
}

extension House {
    /// The most of a name, a reason or a justification, in bytes.
    public static let maximumWordsBytes = 400

    /// Puts a letter into a resident's inbox, sealed to its key; only a name that is new needs the house's.
    ///
    /// - Parameters:
    ///   - text: at most 12 KiB.
    ///   - name: who writes; a person of the house's table, written down there at their first letter. Nil: the house.
    /// - Returns: the letter's id.
    @discardableResult
    public func send(
        _ text: String, to resident: ResidentRecord, as name: String?
    ) async throws(EngineError) -> Identifier {
        try await asEngineError {
            let now = surroundings.time.now()
            let sender = try await correspondent(named: name, at: now)
            let letter = Letter(
                id: surroundings.identifiers.next(), to: .resident(resident.id), from: sender, at: now, text: text)
            let box = try SealedBox.seal(letter.canonicalBytes(), to: resident.inboxKey)
            try await takeIn(letter.id, box, from: sender, to: resident.id, at: now)
            return letter.id
        }
    }

    /// Queues a sealed letter in one transaction with its span, within the limits of sender and inbox.
    func takeIn(
        _ letter: Identifier, _ box: [UInt8], from sender: Correspondent, to resident: Identifier, at now: Instant
    ) async throws {
        let day = dayOf(now)
        let today = instant(daysAfter: day, count: 0)..<instant(daysAfter: day, count: 1)
        let who: Actor =
            switch sender {
            case .human(let id): .human(id)
            case .house, .resident: .operator(operatorID)
            }
        let span = CommunitySpans.letter(
            span: surroundings.identifiers.next(), letter: letter, who: who, to: .resident(resident), at: now)
        try await record([span]) { connection in
            try CommunityStore.checkLetter(letter, from: sender, to: resident, day: today, in: connection)
            try CommunityStore.putLetter(letter, ciphertext: box, in: connection)
        }
    }

    /// The person of a name, written down where nobody has it yet.
    func correspondent(named name: String?, at now: Instant) async throws -> Correspondent {
        guard let name else { return .house }
        if let known = try await community.person(named: name) { return .human(known) }
        let id = try newPersonID(named: name)
        try await record([]) { connection in
            try CommunityStore.putPerson(id, name: name, at: now, in: connection)
        }
        return .human(id)
    }

    /// The letters that residents wrote to this house and to humans without a key of their own, opened.
    public func letters(from resident: Identifier?) async throws(EngineError) -> [HouseLetter] {
        try await asEngineError {
            let secret = try HomeKeys.houseKey(paths: VaultPaths(home: paths.root))
            let rows = try await community.letters(
                to: .house, from: resident, now: surroundings.time.now())
            let directory = try await community.directory()
            return rows.map { row in
                guard let letter = Self.open(row, key: houseKey, secret: secret) else { return .sealed(row.id) }
                let name = row.from.id.flatMap { directory[$0]?.name }
                return .opened(OpenedLetter(letter, senderName: name, isRehearsed: row.isRehearsed))
            }
        }
    }

    /// Lets a human be chosen as keeper; the id of the person of that name.
    public func addKeeper(_ name: String) async throws(EngineError) -> Identifier {
        try await asEngineError {
            let now = surroundings.time.now()
            guard case .human(let id) = try await correspondent(named: name, at: now) else {
                throw EngineError.storeMalformed
            }
            try await record([
                CommunitySpans.keeperAdded(
                    span: surroundings.identifiers.next(), keeper: id, who: .operator(operatorID), at: now)
            ])
            return id
        }
    }

    /// Ends that a human can be chosen; whoever had chosen them has no keeper any more.
    public func removeKeeper(_ id: Identifier) async throws(EngineError) {
        try await asEngineError {
            _ = try await record([
                CommunitySpans.keeperRemoved(
                    span: surroundings.identifiers.next(), keeper: id, who: .operator(operatorID),
                    at: surroundings.time.now())
            ])
        }
    }

    /// Accepts, for a keeper, that a resident chose them; an earlier choice of the resident ends with it.
    public func acceptRequest(of resident: Identifier, by keeper: Identifier) async throws(EngineError) {
        try await asEngineError {
            _ = try await ledger.append([
                CommunitySpans.keeperAccepted(
                    span: surroundings.identifiers.next(), keeper: keeper, of: resident, who: .human(keeper),
                    at: surroundings.time.now())
            ])
        }
    }

    /// Takes a resident out of the nights, or puts it back.
    public func setPaused(_ isPaused: Bool, _ resident: Identifier, reason: String?) async throws(EngineError) {
        try await asEngineError {
            var metadata: JSONObject = [:]
            if let reason { metadata["reason"] = .string(reason) }
            _ = try await record([
                SpanDraft(
                    id: surroundings.identifiers.next(), entityType: isPaused ? .residentPaused : .residentResumed,
                    who: .operator(operatorID), this: resident.description, at: surroundings.time.now(),
                    metadata: metadata)
            ])
        }
    }

    /// Gives a resident another model, from its next run on; the resident is told then.
    ///
    /// A resident that declines the model's provider keeps the one that it has: its preferences are sealed, so that
    /// only the run can see it. What a resident chooses for itself later counts again.
    public func setModel(
        _ model: ModelName, of resident: ResidentRecord, reason: String?
    ) async throws(EngineError) {
        try await asEngineError {
            var metadata: JSONObject = ["model": .string(model.description), "from": .string(resident.model)]
            if let reason { metadata["reason"] = .string(reason) }
            _ = try await record([
                SpanDraft(
                    id: surroundings.identifiers.next(), entityType: .residentModelSet, who: .operator(operatorID),
                    this: resident.id.description, at: surroundings.time.now(), metadata: metadata)
            ])
        }
    }
}
