// What a commit looks at once more, in its own transaction: others may have done something since a call was judged.
import Community
import Encoding
import Law
import Ledger
import SQLite
import Tools

/// A staged effect that could not be had after all, and why.
struct TakenBack: Sendable, Equatable {
    /// Its place among the staged effects.
    let place: Int
    let reason: ReasonCode
}

/// Thrown by the commit's transaction: nothing of it was kept, and it is tried again with these changes.
struct StagedChanges: Error, Equatable {
    /// Effects that cannot be had.
    var refusals: [TakenBack] = []
    /// Letters to inboxes that have filled up: they wait for the next day, as the law has it (vault.md, "Mail").
    var postponed: Set<Int> = []
}

/// The staged effects whose permission depends on what other residents do: names, and room in inboxes.
struct CommitCheck: Sendable {
    let resident: Identifier
    private let rename: (place: Int, name: String)?
    private let letters: [(place: Int, to: Identifier, waits: Bool)]

    init(resident: Identifier, staged: [StagedEffect]) {
        self.resident = resident
        var rename: (place: Int, name: String)?
        var letters: [(place: Int, to: Identifier, waits: Bool)] = []
        for (place, effect) in staged.enumerated() {
            switch effect {
            // Of several new names the last one is the resident's.
            case .modification(.name(let name)): rename = (place, name)
            case .letter(.resident(let to), _, let days): letters.append((place, to, days > 0))
            default: break
            }
        }
        self.rename = rename
        self.letters = letters
    }

    /// Throws ``StagedChanges`` where a name was taken, an inbox filled up or its owner left meanwhile.
    func run(in connection: Connection) throws {
        var changes = StagedChanges()
        if let rename,
            try !CommunityTables.takenNames(among: [rename.name], except: resident, in: connection).isEmpty
        {
            changes.refusals.append(TakenBack(place: rename.place, reason: .nameTaken))
        }
        var waiting: [Identifier: Int] = [:]
        for letter in letters {
            guard let owner = try CommunityTables.resident(letter.to, in: connection), owner.status != .deletedMemorial
            else {
                changes.refusals.append(TakenBack(place: letter.place, reason: .unknownPerson))
                continue
            }
            let count = try waiting[letter.to] ?? CommunityTables.inboxCount(of: letter.to, in: connection)
            if count >= MailLimits().perInbox, !letter.waits { changes.postponed.insert(letter.place) }
            waiting[letter.to] = count + 1
        }
        if changes != StagedChanges() { throw changes }
    }
}

extension RunSession {
    /// Takes back what the commit refused: each is a refused call now, on the record and in the report.
    func change(_ changes: StagedChanges) {
        context.postpone(changes.postponed)
        postponed += changes.postponed.count
        let staged = calls.indices.filter { calls[$0].outcome.effect != nil }
        for refusal in changes.refusals where staged.indices.contains(refusal.place) {
            let index = staged[refusal.place]
            calls[index].isRefused = true
            calls[index].outcome.effect = nil
            refused += 1
            takenBack.append(refusal)
            let verdict = Verdict(
                decision: .deny, law: Constitution.law, version: Constitution.version, triage: .not,
                reason: refusal.reason)
            takenBackSpans.append(
                verdictSpan(
                    .toolRefused, this: calls[index].name, verdict: verdict, round: calls[index].round,
                    call: calls[index].call, id: house.surroundings.identifiers.next()))
        }
        context.takeBack(Set(changes.refusals.map(\.place)))
    }

    /// What the resident is told of it at its next run.
    var changeNotices: [String] {
        var notices = takenBack.map { refusal in
            refusal.reason == .nameTaken
                ? "On \(day) your change of name was not made after all: another resident took the name meanwhile."
                : "On \(day) a letter of yours was not sent after all: whom it was for is here no more."
        }
        if postponed > 0 {
            notices.append(
                "On \(day) an inbox had filled up meanwhile; letters that wait until the next day: \(postponed)."
            )
        }
        return notices
    }
}
