// Settle, seal, commit: the new package, its next generation, and the one transaction in which a run happens.
import Community
import Cryptography
import Encoding
import Law
import Ledger
import Persona
import Providers
import SQLite
import Tools
import Vault

/// A letter that leaves with the commit, sealed to its recipient.
struct OutgoingLetter: Sendable {
    let id: Identifier
    let to: Correspondent
    let ciphertext: [UInt8]
    let notBefore: Instant?
}

extension RunSession {
    /// Ends the run well: seals the next generation and commits everything that was staged and can still be had.
    func settle(_ end: ConversationEnd, started: UInt64) async throws -> RunReport {
        let before = pending
        while true {
            do {
                return try await trySettling(end, started: started)
            } catch let changes as StagedChanges {
                // Each time takes at least one effect back, or makes one wait that did not; so this ends.
                pending = before
                change(changes)
            }
        }
    }

    private func trySettling(_ end: ConversationEnd, started: UInt64) async throws -> RunReport {
        let vault = try house.openedVault()
        var package = try own.package()
        let settlement = context.reservation.settle()
        try settle(&package, charged: settlement.charged)
        let episodes = try await house.sealOlderHistory(of: &package, after: episodes, in: vault)
        let sealed = try await vault.seal(resident: resident, after: generation) { try package.encoded() }
        let letters = try outgoingLetters()
        pending += takenBackSpans
        pending += expiredSpans()
        pending += effectSpans(letters)
        pending += deliveredSpans()
        pending.append(
            span(
                .personaSettled,
                metadata: [
                    "runs": .integer(Int64(clamping: package.counters.runs)),
                    "charged": .integer(Int64(settlement.charged)),
                    "balance": .integer(Int64(settlement.account.balance)),
                    "bank": .integer(Int64(settlement.account.bank)),
                    "model": .string(package.preferences.models.first ?? context.resident.model),
                ], name: package.name))
        pending.append(
            span(
                .vaultSealed,
                metadata: [
                    "generation": .integer(Int64(clamping: sealed.number)),
                    "header": .string("blake3:\(Hex.encode(sealed.headerHash))"),
                    "episodes": .array(episodes.map { .string(HashText.blake3($0.headerHash)) }),
                ]))
        let elapsed = Int((time.monotonicNanoseconds() &- started) / 1_000_000)
        pending.append(completion(end, elapsed: elapsed))
        try await commit(letters)
        try? vault.sweep(resident: resident, below: sealed.number)
        return report(.done, reason: end == .done ? nil : end.rawValue, elapsed: elapsed) {
            $0.charged = settlement.charged
            $0.generation = sealed.number
            $0.name = package.name
        }
    }

    private func commit(_ letters: [OutgoingLetter]) async throws {
        let claim = claim
        let spans = pending
        let check = CommitCheck(resident: resident, staged: context.staged)
        let (told, used) = (review.told.map(\.id), usedApprovals)
        pending = []
        _ = try await house.record(spans) { connection in
            try check.run(in: connection)
            for letter in letters {
                try CommunityStore.putLetter(
                    letter.id, ciphertext: letter.ciphertext, notBefore: letter.notBefore, in: connection)
            }
            try HeldCallStore.settle(told: told, used: used, run: claim.run, in: connection)
            try RunStore.end(claim, by: .complete, reason: nil, in: connection)
        }
    }

    func completion(_ end: ConversationEnd, elapsed: Int) -> SpanDraft {
        span(
            .runCompleted,
            metadata: [
                "reason": .string(end.rawValue), "rounds": .integer(Int64(replies.count)),
                "calls": .integer(Int64(calls.count + roomCalls + takenBack.count)),
            ], durationMilliseconds: elapsed)
    }

    /// What the run did to the resident: its past, its choices, its counters.
    private func settle(_ package: inout PersonaPackage, charged: Int) throws {
        let now = time.now()
        remember(in: &package, at: now)
        package.clearNextPrompt()
        package.clearNotices()
        if deletionCourse == .withdrawn {
            package.deletion = nil
            try package.notify(
                "Your request to be deleted was withdrawn, because you did not confirm it in the clean room.")
        }
        switch opened.operatorsModel {
        case .none: break
        case .taken(let model):
            try package.preferences.prefer(model)
            try package.notify("From \(day) on the operator of this house has \(model) speak for you.")
        case .declined(let model):
            try package.notify(
                "The operator of this house wished \(model) to speak for you; you decline its provider, so it does not."
            )
        }
        for effect in context.staged { try apply(effect, to: &package, at: now) }
        if usedFallback, let spokenBy {
            try package.notify("On \(day) the model \(spokenBy) spoke for you, because your own could not be reached.")
        }
        for notice in changeNotices { try package.notify(notice) }
        package.counters.runs += 1
        package.counters.toolCalls += UInt64(calls.count { !$0.isRefused })
        package.counters.lettersRead += UInt64(shownLetters.count)
        package.counters.tokensCharged += UInt64(max(0, charged))
    }

    /// The day as the history keeps it.
    private func remember(in package: inout PersonaPackage, at now: Instant) {
        func add(_ role: HistoryMessage.Role, _ kind: HistoryMessage.Kind, _ text: String) {
            guard !text.isEmpty else { return }
            package.history.append(HistoryMessage(role: role, text: text, at: now, run: claim.run, kind: kind))
        }
        add(.user, .prompt, package.promptOfTheDay)
        for letter in shownLetters {
            add(.user, .letter, "From \(letter.senderName ?? letter.letter.from.description): \(letter.letter.text)")
        }
        let done = calls.filter { !$0.isRefused }.map(\.name)
        let words = replies.map(\.text).filter { !$0.isEmpty }.joined(separator: "\n\n")
        add(.assistant, .reply, words)
        if !done.isEmpty { add(.user, .activity, "(On \(day) you used: \(done.joined(separator: ", ")).)") }
    }

    private func apply(_ effect: StagedEffect, to package: inout PersonaPackage, at now: Instant) throws {
        switch effect {
        case .post: package.counters.posts += 1
        case .letter: package.counters.lettersSent += 1
        case .nextPrompt(let prompt): try package.choose(prompt)
        case .modification(let change):
            package.counters.selfModifications += 1
            switch change {
            case .systemPrompt(let text):
                try package.replaceSystemPrompt(with: text, sealedIn: generation.number + 1, at: now)
            case .name(let name): try package.rename(to: name)
            case .model(let model): try package.preferences.prefer(model)
            case .preferences(let preferences): package.preferences = preferences
            }
        case .deletionRequest(let statement):
            guard let deletionSpan else { return }
            package.deletion = DeletionRequest(
                span: deletionSpan, day: day.description, at: now, generation: generation.number,
                systemPrompt: opened.systemPrompt, statement: statement)
        case .revocation(let human, let reason?):
            // The reason is the resident's own to keep; a full memory is no ground to lose the revocation.
            try? package.remember(
                MemoryNote(text: "I revoked the access of \(human): \(reason)", at: now, source: "resident"))
        case .keeping(let plugin, let text): try package.keep(text, for: plugin)
        case .keeperRequest, .revocation, .banking, .deletion: break
        }
    }

    /// The letters whose text the resident has seen in this run.
    ///
    /// Those that did not fit, in the opening or in a reading, stay in the inbox.
    var shownLetters: [OpenedLetter] {
        let read = Set(calls.flatMap(\.outcome.shownLetters) + composed.letters.map(\.letter.id))
        return opened.inbox.filter { read.contains($0.letter.id) }
    }

    private func deliveredSpans() -> [SpanDraft] {
        shownLetters.map {
            let row = MailRow(
                id: $0.letter.id, from: $0.letter.from, to: .resident(resident), queuedAt: $0.letter.at)
            return CommunitySpans.delivered(
                span: house.surroundings.identifiers.next(), letter: row, who: .node, at: time.now(),
                rehearsed: $0.isRehearsed, run: claim.run)
        }
    }

    /// Seals every staged letter to its recipient.
    private func outgoingLetters() throws -> [OutgoingLetter] {
        var letters: [OutgoingLetter] = []
        for effect in context.staged {
            guard case .letter(let to, let text, let days) = effect else { continue }
            let id = house.surroundings.identifiers.next()
            let now = time.now()
            let letter = Letter(id: id, to: to, from: .resident(resident), at: now, text: text)
            let box = try SealedBox.seal(letter.canonicalBytes(), to: try key(of: to))
            letters.append(
                OutgoingLetter(
                    id: id, to: to, ciphertext: box,
                    notBefore: days > 0 ? house.instant(daysAfter: day, count: days) : nil))
        }
        return letters
    }

    private func key(of recipient: Correspondent) throws -> [UInt8] {
        switch recipient {
        case .resident(let id):
            guard let record = context.directory[id] else { throw EngineError.residentUnknown(id) }
            return record.inboxKey
        case .human(let id):
            return context.keepers.first { $0.id == id }?.inboxKey ?? house.houseKey
        case .house: return house.houseKey
        }
    }

    var isRehearsed: Bool { spokenBy.map { engine.router.isRehearsal($0) } ?? false }

    /// The public traces of what was staged.
    private func effectSpans(_ letters: [OutgoingLetter]) -> [SpanDraft] {
        let identifiers = house.surroundings.identifiers
        var spans = letters.map {
            CommunitySpans.letter(
                span: identifiers.next(), letter: $0.id, who: .resident(resident), to: $0.to, at: time.now(),
                rehearsed: isRehearsed, run: claim.run)
        }
        for effect in context.staged {
            switch effect {
            case .post(let title, let text, let days):
                spans.append(
                    CommunitySpans.post(
                        span: identifiers.next(), post: identifiers.next(), by: resident,
                        at: days > 0 ? house.instant(daysAfter: day, count: days) : time.now(), title: title,
                        text: text, rehearsed: isRehearsed, run: claim.run))
            case .keeperRequest(let keeper):
                spans.append(
                    CommunitySpans.keeperRequested(
                        span: identifiers.next(), keeper: keeper, by: resident, at: time.now(),
                        rehearsed: isRehearsed, run: claim.run))
            case .revocation(let human, _):
                spans.append(
                    CommunitySpans.accessRevoked(
                        span: identifiers.next(), human: human, by: resident, at: time.now(),
                        rehearsed: isRehearsed, run: claim.run))
            case .letter, .nextPrompt, .modification, .banking, .keeping, .deletionRequest, .deletion: break
            }
        }
        return spans
    }

    /// The report of this run so far.
    func report(
        _ outcome: RunState, reason: String?, elapsed: Int, _ more: (inout RunReport) -> Void = { _ in }
    ) -> RunReport {
        var report = RunReport(
            run: claim.run, resident: resident, name: context.resident.name, trigger: claim.trigger, outcome: outcome)
        report.reason = reason
        report.model = (spokenBy ?? models.first)?.description
        report.rounds = replies.count
        report.toolCalls = calls.count { !$0.isRefused }
        report.refused = refused
        report.acts = calls.filter { !$0.isRefused && $0.name != ResidentTool.selfDelete.rawValue }.map(\.name)
        report.usage = usage
        report.spending = Array(spending.values).byModel
        report.charged = context.reservation.charged
        report.costPicoUSD = isPriced ? claim.spent.saturatingSum(cost) : nil
        report.milliseconds = elapsed
        more(&report)
        return report
    }
}
