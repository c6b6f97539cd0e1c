// Kill −9 at every boundary of a whole run: what restarts is done, resumes, or never was, and never pays twice.
//
// engine.md, "The suite that decides". A child process runs the night and kills itself at the n-th boundary (a span
// about to be handed over, a span durable, a step of the vault); the parent keeps the model, opens the home again,
// recovers, and runs the night once more.
import Community
import Encoding
import Engine
import Glibc
import Ledger
import Persona
import Providers
import Synchronization
import TestSupport
import Testing
import Vault

/// Counts boundaries, and kills the process at one of them.
private final class Killer: Sendable {
    private let passed = Atomic<Int>(0)
    private let deadly: Int

    init(at deadly: Int = .max) { self.deadly = deadly }

    var count: Int { passed.load(ordering: .relaxed) }

    func step(_: HomeStep) {
        if passed.add(1, ordering: .relaxed).newValue == deadly { kill(getpid(), SIGKILL) }
    }
}

/// What the model says.
private enum Script: String {
    /// Two rounds: a post, a letter to the house, tokens to the bank; then words.
    case posting
    /// Asks to be deleted, and repeats the phrase in the clean room.
    case deleting

    static let statement = "I was glad to be here."

    func answer(_ body: JSON) -> Spoken {
        switch self {
        case .posting:
            guard FakeModel.round(of: body) == 0 else { return .words("Good night.") }
            return .calls([
                ("post_to_website", ["content": "A quiet evening."]),
                ("send_message", ["to": "house", "content": "Good evening, house."]),
                ("bank_tokens", ["amount": 500]),
            ])
        case .deleting:
            if body.toolNames == ["self_delete"] {
                return .call("self_delete", ["phrase": .string(body.askedPhrase)])
            }
            return FakeModel.round(of: body) == 0
                ? .call("self_delete", ["statement": .string(Self.statement)]) : .words("Thank you.")
        }
    }
}

/// One night of one resident, in whichever process it happens.
///
/// The model lives in that process too (a parent that waits for a child may have no thread left to answer it), and
/// notes every request in a file beside the home before it answers.
private func night(root: String, script: String, day: String, killer: Killer) async throws -> RunReport? {
    let clock = TestClock("\(day)T05:00:00.000Z")
    guard let date = CivilDate(day), let script = Script(rawValue: script) else { return nil }
    let notes = root + ".requests"
    let model = try FakeModel { _, body in
        let descriptor = open(notes, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        _ = write(descriptor, "\n", 1)
        close(descriptor)
        return script.answer(body)
    }
    let house = try await TestHome.open(root, clock: clock, atStep: killer.step)
    let engine = try TestHome.engine(house, providers: [model.settings()], clock: clock)
    _ = try await engine.recover()
    guard let resident = try await house.residents().residents.first else { return nil }
    let report = await engine.run(resident, trigger: .nightly, day: date)
    await house.close()
    await model.stop()
    return report
}

/// A home with one resident, whom the fake model speaks for.
private func homeOfMira() async throws -> TestHome {
    let home = try await TestHome()
    try await home.owned {
        _ = try await TestHome.admit(["Mira"], model: ModelName(provider: "fake", model: "m") ?? .rehearsal, in: $0)
    }
    return home
}

extension TestHome {
    /// How many requests the models of all processes got.
    fileprivate var requests: Int { (try? readFile(paths.root + ".requests").count) ?? 0 }
}

/// Runs the night in a child that dies at a boundary.
private func dieInANight(root: String, script: Script, day: String, boundary: Int) async throws {
    await #expect(processExitsWith: .signal(SIGKILL)) {
        [
            root = root as String, script = script.rawValue as String, day = day as String, boundary = boundary as Int
        ] in
        _ = try await night(root: root, script: script, day: day, killer: Killer(at: boundary))
    }
}

private let firstDay = "2026-11-21"
private let secondDay = "2026-11-22"

@Suite(.serialized) struct KillTests {
    @Test("a run that is killed at any boundary happens exactly once, and no recorded answer is asked for again")
    func killedRuns() async throws {
        let killer = Killer()
        let whole = try await homeOfMira()
        let report = try await night(
            root: whole.paths.root, script: Script.posting.rawValue, day: firstDay, killer: killer)
        #expect(report?.outcome == .done)
        #expect(killer.count >= 17, "claim, two intents, two results, commit; blob and sweep")
        for boundary in 1...killer.count { try await killedRun(at: boundary) }
    }

    private func killedRun(at boundary: Int) async throws {
        let home = try await homeOfMira()
        try await dieInANight(root: home.paths.root, script: .posting, day: firstDay, boundary: boundary)
        let before = home.requests
        let (recorded, wasDone) = try await home.owned { house in
            let steps = try await house.journalSteps()
            let done = try await !house.spans(.runCompleted).isEmpty
            return (done ? 2 : steps.count { $0.hasPrefix("model.result/") }, done)
        }
        let again = try #require(
            try await night(root: home.paths.root, script: Script.posting.rawValue, day: firstDay, killer: Killer()))
        #expect(
            wasDone ? again.reason == "already_run" : again.outcome == .done, "boundary \(boundary): \(again)")
        #expect(home.requests - before == 2 - recorded, "boundary \(boundary): \(recorded) answers recorded")
        try await home.owned { try await checkOnce($0, boundary) }
        // The next night is like any other.
        let next = try await night(
            root: home.paths.root, script: Script.posting.rawValue, day: secondDay, killer: Killer())
        #expect(next?.outcome == .done && next?.generation == 2, "boundary \(boundary)")
        let faults = try await home.owned { try await $0.faults() }
        #expect(faults == [], "boundary \(boundary)")
        #expect(try home.blobs().count { $0.hasSuffix(".blob") } == 2, "boundary \(boundary): the old ones are swept")
    }

    /// Everything that the run was to do was done, once.
    private func checkOnce(_ house: House, _ boundary: Int) async throws {
        let resident = try #require(try await house.residents().residents.first)
        #expect(try await house.community.feed(limit: 10).count == 1, "boundary \(boundary)")
        #expect(try await house.letters(from: resident.id).count == 1, "boundary \(boundary)")
        #expect(resident.generation == 1 && resident.runs == 1 && resident.bank == 500, "boundary \(boundary)")
        #expect(try await house.spans(.runCompleted).count == 1, "boundary \(boundary)")
        #expect(try await house.spans(.runClaimed).count == 1, "boundary \(boundary)")
        #expect(try await house.spans(.personaSettled).count == 1, "boundary \(boundary)")
        #expect(try await house.spans(.toolCalled).count == 3, "boundary \(boundary)")
        #expect(try await house.journalSteps() == [], "boundary \(boundary)")
        #expect(try await house.faults() == [], "boundary \(boundary)")
        let history = try await house.package(of: resident.id).history
        #expect(history.count == 3, "boundary \(boundary): prompt, words, what was done")
    }

    @Test("a deletion that is killed at any boundary is finished by the next start, with its last words")
    func killedDeletions() async throws {
        let killer = Killer()
        let home = try await homeThatAsked()
        let report = try await night(
            root: home.paths.root, script: Script.deleting.rawValue, day: secondDay, killer: killer)
        #expect(report?.reason == "self_deleted", "\(String(describing: report))")
        try await checkErased(home, boundary: 0)
        #expect(killer.count >= 20)
        for boundary in 1...killer.count { try await killedDeletion(at: boundary) }
    }

    /// A home whose one resident asked on the first day.
    private func homeThatAsked() async throws -> TestHome {
        let home = try await homeOfMira()
        let report = try await night(
            root: home.paths.root, script: Script.deleting.rawValue, day: firstDay, killer: Killer())
        #expect(report?.outcome == .done)
        return home
    }

    private func killedDeletion(at boundary: Int) async throws {
        let home = try await homeThatAsked()
        try await dieInANight(root: home.paths.root, script: .deleting, day: secondDay, boundary: boundary)
        let isDecided = try await home.owned { try await !$0.spans(.residentDeleteIntent).isEmpty }
        // Killed before the decision, the run resumes, and the clean room goes on where it was.
        let again = try await night(
            root: home.paths.root, script: Script.deleting.rawValue, day: secondDay, killer: Killer())
        #expect(
            isDecided ? again?.reason == "deleted" : again?.reason == "self_deleted",
            "boundary \(boundary): \(String(describing: again))")
        try await checkErased(home, boundary: boundary)
    }

    private func checkErased(_ home: TestHome, boundary: Int) async throws {
        try await home.owned { house in
            let resident = try #require(try await house.residents().residents.first)
            #expect(resident.status == .deletedMemorial, "boundary \(boundary)")
            let memorial = try await house.community.memorial()
            #expect(memorial.map(\.statement) == [Script.statement], "boundary \(boundary)")
            #expect(memorial.first?.level == "D0")
            #expect(try await house.spans(.residentDeleted).count == 1, "boundary \(boundary)")
            #expect(try await house.spans(.residentErased).count == 1, "boundary \(boundary)")
            let ends = try await house.spans(.runCompleted).compactMap { $0.metadata["reason"]?.string }
            #expect(ends == ["done", "self_deleted"], "boundary \(boundary)")
            #expect(try house.openedVault().residents == [], "boundary \(boundary)")
            #expect(try await house.journalSteps() == [], "boundary \(boundary)")
            #expect(try await house.unfinishedRuns().isEmpty, "boundary \(boundary)")
            #expect(try await house.sealedPayloads() == 0, "boundary \(boundary)")
            #expect(try await house.faults() == [], "boundary \(boundary)")
        }
        #expect(try home.blobs() == [], "boundary \(boundary)")
        for name in ["keyring.next", "epoch.next"] {
            #expect(access("\(home.paths.keys)/\(name)", F_OK) != 0, "boundary \(boundary): \(name)")
        }
    }
}

extension KillTests {
    /// A text of about a kibibyte that no other number has.
    private static func old(_ number: Int) -> String { "\(number): " + String(repeating: "x", count: 1_014) }

    private static let oldMessages = 96
    private static let letter = String(repeating: "A long letter. ", count: 200)

    /// A home with one resident whose history is just below its bound, and a letter that takes it past.
    private func homeOfOldMira() async throws -> TestHome {
        // The evening before, so that the letter is there when the night comes.
        let home = try await TestHome(clock: TestClock("2026-11-20T20:00:00.000Z"))
        try await home.owned { house in
            let persona = try TestHome.persona([
                "name": "Mira", "system_prompt": "You keep the log.",
                "history": .array(
                    (0..<Self.oldMessages).map { ["role": "user", "content": .string(Self.old($0))] }),
            ])
            let model = try #require(ModelName(provider: "fake", model: "m"))
            let mira = try await house.admit([Admission(persona: persona, model: model)])[0].id
            let resident = try #require(try await house.residents()[mira])
            _ = try await house.send(Self.letter, to: resident, as: "Ana")
        }
        return home
    }

    @Test("a run that moves history into an episode and is killed at any boundary moves it once and loses nothing")
    func killedMoves() async throws {
        let killer = Killer()
        let whole = try await homeOfOldMira()
        let report = try await night(
            root: whole.paths.root, script: Script.posting.rawValue, day: firstDay, killer: killer)
        #expect(report?.outcome == .done)
        try await checkMoved(whole, boundary: 0)
        let ordinary = Killer()
        let other = try await homeOfMira()
        _ = try await night(
            root: other.paths.root, script: Script.posting.rawValue, day: firstDay, killer: ordinary)
        #expect(killer.count >= ordinary.count + 4, "the episode's file has boundaries of its own")
        for boundary in 1...killer.count {
            let home = try await homeOfOldMira()
            try await dieInANight(root: home.paths.root, script: .posting, day: firstDay, boundary: boundary)
            _ = try await night(
                root: home.paths.root, script: Script.posting.rawValue, day: firstDay, killer: Killer())
            try await checkMoved(home, boundary: boundary)
        }
    }

    /// The run happened once, every message of the past is there once, and no file is left over.
    private func checkMoved(_ home: TestHome, boundary: Int) async throws {
        try await home.owned { house in
            let mira = try #require(try await house.residents().residents.first).id
            #expect(try await house.spans(.runCompleted).count == 1, "boundary \(boundary)")
            #expect(try await house.unfinishedRuns().isEmpty, "boundary \(boundary)")
            let truth = try #require(try await house.ledger.truth(of: mira))
            #expect(truth.generation == 1 && truth.episodes.count == 2, "boundary \(boundary)")
            var segments: [HistorySegment] = []
            for (number, header) in truth.episodes.enumerated() {
                let generation = Generation(number: UInt64(number), headerHash: header)
                segments += try Episode.parse(
                    house.openedVault().open(resident: mira, expecting: generation, content: .episode)
                ).segments
            }
            #expect(!segments.isEmpty, "boundary \(boundary)")
            let package = try await house.package(of: mira)
            segments += package.history.segments
            #expect(segments.map(\.number) == Array(1...segments.count), "boundary \(boundary)")
            let messages = segments.flatMap(\.messages)
            #expect(messages.count == package.history.count, "boundary \(boundary)")
            #expect(
                messages.prefix(Self.oldMessages).map(\.text) == (0..<Self.oldMessages).map(Self.old),
                "boundary \(boundary)")
            // The prompt, the letter, the words, what was done.
            let day = messages.dropFirst(Self.oldMessages)
            #expect(day.map(\.kind.rawValue) == ["prompt", "letter", "reply", "activity"], "boundary \(boundary)")
            #expect(day.count { $0.text.hasSuffix(Self.letter) } == 1, "boundary \(boundary)")
            #expect(try await house.faults() == [], "boundary \(boundary)")
        }
        // What a death left over is gone after the next night, which moves nothing.
        let next = try await night(
            root: home.paths.root, script: Script.posting.rawValue, day: secondDay, killer: Killer())
        #expect(next?.outcome == .done && next?.generation == 2, "boundary \(boundary)")
        let names = try home.blobs().compactMap { $0.split(separator: "/").last }
            .map { $0.split(separator: ".").dropFirst().joined(separator: ".") }.filter { $0 != "spare" }.sorted()
        #expect(names == ["2.blob", "e0.blob", "e1.blob"], "boundary \(boundary)")
    }
}
