// What a run sees of the world: the community at its claim, and the letters that only its package can open.
import Community
import Cryptography
import Encoding
import Persona
import Synchronization

/// The community as one run sees it.
struct World: Sendable {
    let view: RunView
    /// All residents, as of at most a few seconds ago.
    let directory: ResidentDirectory
}

/// All residents, read again at most every so often: a night of thousands must not read thousands of rows a run.
final class DirectoryCache: Sendable {
    /// How old the directory may be, in nanoseconds.
    static let lifetime: UInt64 = 2_000_000_000

    private let state = Mutex<(directory: ResidentDirectory, at: UInt64)?>(nil)

    func directory(at now: UInt64, read: () async throws -> ResidentDirectory) async throws -> ResidentDirectory {
        let cached = state.withLock { $0 }
        if let cached, now &- cached.at < Self.lifetime { return cached.directory }
        let fresh = try await read()
        state.withLock { $0 = (fresh, now) }
        return fresh
    }
}

extension House {
    /// Days that the rates of posts and letters look ahead.
    static let rateDays = 4

    func world(of claim: RunClaim, on day: CivilDate) async throws -> World {
        let days = (0...Self.rateDays).map { instant(daysAfter: day, count: $0) }
        guard
            var view = try await community.runView(of: claim.resident, now: claim.claimedAt, days: days)
        else { throw EngineError.residentUnknown(claim.resident) }
        // A run that resumes sees what it saw before: what came since waits for the next one.
        view.inbox.removeAll { $0.queuedAt > claim.claimedAt }
        view.feed.removeAll { $0.at > claim.claimedAt }
        let directory = try await directoryCache.directory(at: surroundings.time.monotonicNanoseconds()) {
            try await community.directory()
        }
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
