// Kill −9 amid group commits, and a disk that fills: what was acknowledged is there, all else is whole.
import Cryptography
import Encoding
import Glibc
import Ledger
import SQLite
import Synchronization
import TestSupport
import Testing

/// How often the killing test kills; `LEDGER_KILLS=1000` for the long run.
private let kills = getenv("LEDGER_KILLS").flatMap { Int(String(cString: $0)) } ?? 12

/// Counts down from several tasks.
private final class Countdown: Sendable {
    private let left: Atomic<Int>
    init(_ count: Int) { left = Atomic(count) }
    func next() -> Int { left.subtract(1, ordering: .relaxed).newValue }
}

/// Appends from eight tasks at once and notes what was acknowledged, until it is killed.
private func appendUntilKilled(in directory: String, after acknowledgements: Int, spin: Int) async throws {
    let key = try LedgerFixture.key(7)
    let ledger = try await Ledger.open(at: LedgerPaths(home: directory), signingKey: key)
    let ids = IdentifierSource(time: .system, random: .system)
    let notes = open(directory + "/acknowledged", O_WRONLY | O_APPEND | O_CREAT, 0o600)
    let left = Countdown(acknowledgements)
    await withTaskGroup { group in
        for _ in 0..<8 {
            group.addTask {
                while true {
                    let id = ids.next()
                    let draft = SpanDraft(
                        id: id, entityType: .residentPaused, who: .node, this: ids.next().description,
                        at: TimeSource.system.now())
                    guard (try? await ledger.append([draft])) != nil else { _exit(3) }
                    let line = Array("\(id)\n".utf8)
                    guard write(notes, line, line.count) == line.count else { _exit(4) }
                    if left.next() == 0 {
                        // A little later, so that the blow falls anywhere in a commit.
                        for _ in 0..<spin { sched_yield() }
                        kill(getpid(), SIGKILL)
                    }
                }
            }
        }
    }
}

@Suite(.serialized) struct CrashTests {
    @Test("kill −9 during group commits: every acknowledged span is there, and the ledger opens by itself")
    func killed() async throws {
        for first in stride(from: 0, to: kills, by: 20) {
            try await killed(rounds: first..<min(first + 20, kills))
        }
    }

    /// Kills again and again at one ledger, and looks after each blow.
    private func killed(rounds: Range<Int>) async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        await ledger.close()
        for round in rounds {
            let (directory, spin) = (fixture.directory.path, round * 37 % 400)
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [directory = directory as String, spin = spin as Int, round = round as Int] in
                try await appendUntilKilled(in: directory, after: 5 + round % 20, spin: spin)
            }
            let again = try await fixture.open()
            let noted = String(decoding: try readFile(directory + "/acknowledged"), as: UTF8.self)
            // The last line may be cut off: it was being written when the blow fell.
            let acknowledged = noted.split(separator: "\n").filter { $0.utf8.count == 36 }
            #expect(acknowledged.count >= 5 * (round - rounds.lowerBound + 1))
            for line in acknowledged.suffix(100) {
                let id = try #require(Identifier(String(line)))
                #expect(try await again.span(id) != nil, "round \(round): \(line)")
            }
            #expect(try await again.verify().faults == [])
            await again.close()
        }
    }

    @Test("a full database refuses with a typed error, and the ledger goes on when there is room")
    func fullDatabase() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        let resident = LedgerFixture.resident(1)
        try await ledger.append([fixture.admission(of: resident)])
        try await ledger.write { try $0.execute("PRAGMA max_page_count = 30") }
        let long = String(repeating: "x", count: 30_000)
        var error: LedgerError?
        var kept = 0
        for _ in 0..<8 where error == nil {
            error = await ledgerError { try await ledger.append([fixture.post(by: resident, long)]) }
            if error == nil { kept += 1 }
        }
        #expect(error == .diskFull && kept > 0)
        #expect(try await ledger.size() == 2 + kept)
        try await ledger.write { try $0.execute("PRAGMA max_page_count = 100000") }
        try await ledger.append([fixture.post(by: resident, long)])
        #expect(try await ledger.verify().faults == [])
        await ledger.close()
    }

    @Test("a head that cannot be written refuses the whole group before anything is committed")
    func headNotWritable() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        let resident = LedgerFixture.resident(1)
        // Without a head to be written over, the next one is made beside, where something is in the way.
        let obstacle = fixture.paths.head + ".next"
        unlink(fixture.paths.head)
        #expect(mkdir(obstacle, 0o700) == 0)
        let error = await ledgerError { try await ledger.append([fixture.admission(of: resident)]) }
        guard case .file = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try await ledger.size() == 1)
        #expect(rmdir(obstacle) == 0)
        try await ledger.append([fixture.admission(of: resident)])
        #expect(try await ledger.verify().faults == [])
        await ledger.close()
    }

    @Test(
        "a full disk at commit: every caller of the group is refused, nothing is acknowledged, space cures it",
        .enabled(if: SmallDisk.isPossible, "mounting needs root"))
    func fullDisk() async throws {
        let fixture = try LedgerFixture()
        let disk = try SmallDisk(at: fixture.directory.path + "/disk", bytes: 1 << 20)
        let paths = LedgerPaths(home: disk.path)
        let ledger = try await Ledger.create(
            at: paths, signingKey: fixture.signingKey, genesis: LedgerFixture.genesis, id: fixture.id(),
            at: LedgerFixture.start)
        try await ledger.append([fixture.admission(of: LedgerFixture.resident(1))])
        try disk.fill(leaving: 40_000)
        let text = String(repeating: "y", count: 12_000)
        let drafts = (0..<40).map { _ in fixture.post(by: LedgerFixture.resident(1), text) }
        let outcomes = await withTaskGroup(of: (Identifier, LedgerError?).self) { group in
            for draft in drafts {
                group.addTask { (draft.id, await ledgerError { try await ledger.append([draft]) }) }
            }
            return await group.reduce(into: [(Identifier, LedgerError?)]()) { $0.append($1) }
        }
        #expect(outcomes.contains { $0.1 == .diskFull })
        #expect(outcomes.allSatisfy { $0.1 == nil || $0.1 == .diskFull }, "\(outcomes.compactMap(\.1).first as Any)")
        for (id, error) in outcomes { #expect(try await (ledger.span(id) != nil) == (error == nil)) }
        try disk.free()
        try await ledger.append([fixture.post(by: LedgerFixture.resident(1), text)])
        #expect(try await ledger.verify().faults == [])
        await ledger.close()
        let again = try await Ledger.open(at: paths, signingKey: fixture.signingKey)
        #expect(try await again.verify().isSound)
        await again.close()
    }
}

/// A file system in memory with little room, unmounted when the value goes.
private final class SmallDisk: Sendable {
    static var isPossible: Bool { geteuid() == 0 }
    struct Failure: Error { let code: Int32 }

    let path: String

    init(at path: String, bytes: Int) throws {
        self.path = path
        guard mkdir(path, 0o700) == 0, mount("tmpfs", path, "tmpfs", 0, "size=\(bytes)") == 0 else {
            throw Failure(code: errno)
        }
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }

    /// Puts a file in that takes all but so many bytes.
    func fill(leaving bytes: Int) throws {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { throw Failure(code: errno) }
        let free = Int(status.f_bavail) * Int(status.f_bsize)
        try writeFile(path + "/ballast", [UInt8](repeating: 1, count: max(0, free - bytes)))
    }

    func free() throws { try removeFile(path + "/ballast") }
}
