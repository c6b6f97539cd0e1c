// What a run sees of the world: the community at its claim, and the letters that only its package can open.
import Community
import Cryptography
import Encoding
import Ledger
import Persona
import SQLite
import Synchronization

/// The community as one run sees it.
struct World: Sendable {
    let view: RunView
    /// All residents, as of at most a few seconds ago (more where there are very many).
    let directory: ResidentDirectory
}

/// What a run is claimed by: its sealed files, its row where an earlier worker made one, the community around it.
struct Scene: Sendable {
    /// The run as it is to be claimed: that of the row, where it was begun, else a new one.
    let run: Identifier
    let truth: SealedTruth
    let row: RunRow?
    let view: RunView
    /// What of the operator's queue concerns the run.
    let review: ReviewNews
    /// What was said of laws since they were last read.
    let laws: [Span]
}

/// All residents, read again at most every so often and by one run for all that wait: a night of thousands must not
/// read thousands of rows a run, nor hold a copy of them a run.
final class DirectoryCache: Sendable {
    /// How old the directory may be, in nanoseconds, where reading it is quick.
    static let lifetime: UInt64 = 2_000_000_000
    /// How many times as long as it took to read it is kept at least, so that reading is a small part of any night.
    static let lifetimePerReading: UInt64 = 50

    private struct State {
        var held: ResidentDirectory?
        var expiry: UInt64 = 0
        var reading: Task<ResidentDirectory, any Error>?
    }

    private enum Source {
        case held(ResidentDirectory)
        case reading(Task<ResidentDirectory, any Error>)
    }

    private let state = Mutex(State())

    /// The directory that is held, else what one reading brings to all who wait for it.
    ///
    /// - Parameter clock: nanoseconds that never go back.
    func directory(
        by clock: @escaping @Sendable () -> UInt64,
        read: @escaping @Sendable () async throws -> ResidentDirectory
    ) async throws -> ResidentDirectory {
        let source = state.withLock { state -> Source in
            if let held = state.held, clock() < state.expiry { return .held(held) }
            let reading = state.reading ?? Task { try await self.renew(by: clock, read: read) }
            state.reading = reading
            return .reading(reading)
        }
        switch source {
        case .held(let directory): return directory
        case .reading(let reading): return try await reading.value
        }
    }

    private func renew(
        by clock: @Sendable () -> UInt64, read: @Sendable () async throws -> ResidentDirectory
    ) async throws -> ResidentDirectory {
        let started = clock()
        do {
            let fresh = try await read()
            let ended = clock()
            state.withLock { state in
                state.held = fresh
                state.expiry = ended &+ max(Self.lifetime, (ended &- started) &* Self.lifetimePerReading)
                state.reading = nil
            }
            return fresh
        } catch {
            state.withLock { $0.reading = nil }
            throw error
        }
    }
}

extension House {
    /// Days that the rates of posts and letters look ahead.
    static let rateDays = 4

    /// What a run that is about to be claimed at an instant begins with, in one reading.
    func scene(of order: RunOrder, at now: Instant) async throws -> Scene {
        let resident = order.resident.id
        let days = (0...Self.rateDays).map { instant(daysAfter: order.day, count: $0) }
        let key = ledger.key
        let laws = laws.unread
        return try await ledger.read { [community] connection in
            // Who was never run has only been admitted.
            let subject = resident.description
            guard
                let span = try connection.lastSpan(subject: subject, types: [.vaultSealed], verifiedWith: key)
                    ?? connection.lastSpan(subject: subject, types: [.residentAdmitted], verifiedWith: key)
            else { throw EngineError.residentUnknown(resident) }
            let row = try RunStore.find(resident: resident, occurrence: order.occurrence, in: connection)
            let begun = row.flatMap { $0.epoch > 0 ? $0 : nil }
            // A run that was only skipped has its own trace on the record; what begins now is another.
            let run = begun?.run ?? order.fresh
            let claimedAt = begun?.claimedAt ?? now
            guard
                let view = try community.runView(of: resident, now: claimedAt, days: days, in: connection)
            else { throw EngineError.residentUnknown(resident) }
            return Scene(
                run: run, truth: try SealedTruth(span), row: row, view: view,
                review: try ReviewNews(of: resident, run: run, at: claimedAt, in: connection),
                laws: try connection.spans(laws))
        }
    }

    func world(of claim: RunClaim, in scene: Scene) async throws -> World {
        var view = scene.view
        // A run that resumes sees what it saw before: what came since waits for the next one.
        view.inbox.removeAll { $0.queuedAt > claim.claimedAt }
        view.feed.removeAll { $0.at > claim.claimedAt }
        let directory = try await directoryCache.directory(by: surroundings.time.monotonicNanoseconds) { [community] in
            try await community.directory()
        }
        for index in view.feed.indices { view.feed[index].author = directory.name(of: view.feed[index].resident) ?? "" }
        return World(view: view, directory: directory)
    }

    /// Opens the letters of an inbox, newest first; one that does not open is left where it is.
    func open(
        _ rows: [MailRow], names: [Correspondent: String], for package: PersonaPackage
    ) -> [OpenedLetter] {
        guard !rows.isEmpty else { return [] }
        let key = SealedBox.publicKey(secret: package.inboxSecret.bytes)
        return rows.reversed().compactMap { row in
            Self.open(row, key: key, secret: package.inboxSecret).map {
                OpenedLetter($0, senderName: names[row.from], isRehearsed: row.isRehearsed)
            }
        }
    }

    static func open(_ row: MailRow, key: [UInt8], secret: SharedSecret) -> Letter? {
        guard let box = row.ciphertext,
            let opened = try? SealedBox.open(box, publicKey: key, secret: secret.bytes)
        else { return nil }
        return opened.withUnsafeBytes { try? Letter(opening: Array($0), of: row) }
    }
}
