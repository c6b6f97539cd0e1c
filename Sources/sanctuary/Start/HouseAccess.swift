// Opening the home for a command, and closing it whatever happens.
import Community
import Encoding
import Engine
import Files
import Ledger
import Sandbox
import Scheduler
import Vault

/// How a command opens the home.
enum Access: Sendable {
    /// To look, beside whoever works in it.
    case reader
    /// To write, without opening anybody.
    case writer
    /// To write and to open residents.
    case owner
}

extension Invocation {
    /// Runs a body with the home opened.
    func withHouse<R>(_ access: Access, _ body: (House) async throws -> R) async throws -> R {
        try await openHouse(access).closing(after: body)
    }

    /// Opens the home; whoever opens it closes it.
    func openHouse(_ access: Access) async throws -> House {
        let paths = try existingHome()
        let settings = try settings()
        let calendar = try calendar()
        let homeAccess: HomeAccess =
            switch access {
            case .reader: .reader
            case .writer: .writer
            case .owner: .owner(masterKeys: try masterKeys())
            }
        // Read before the ledger, so that a head which a running owner writes meanwhile is never ahead of it.
        let head = access == .reader ? try head(of: paths) : nil
        // A machine that cannot make a sandbox runs residents without plugin tools; doctor says so.
        let makeSandbox: (@Sendable () -> Sandbox?)? = access == .owner ? { @Sendable in try? sandbox() } : nil
        let house = try await House.open(
            at: paths, access: homeAccess, settings: settings.engine, surroundings: surroundings,
            civilTime: calendar.civilTime, makeSandbox: makeSandbox)
        guard let head else { return house }
        do {
            try await check(head, of: house.ledger)
            return house
        } catch {
            await house.close()
            throw error
        }
    }

    private func head(of paths: HomePaths) throws -> LedgerHead {
        let line: [UInt8]
        do throws(FileError) {
            line = try LedgerHead.line(at: paths.head)
        } catch {
            if error.isMissing { throw LedgerError.headMissing(path: paths.head) }
            throw error
        }
        guard let head = LedgerHead(line: line) else { throw LedgerError.headMalformed(path: paths.head) }
        return head
    }

    /// A reader sees at least that the ledger reaches its head; owners check more.
    private func check(_ head: LedgerHead, of ledger: Ledger) async throws {
        guard head.isSigned(by: ledger.key) else {
            throw LedgerError.headSignatureInvalid(path: ledger.paths.head)
        }
        guard let span = try await ledger.span(at: head.size - 1) else {
            let last = try await ledger.tail(1).last
            throw LedgerError.rolledBack(
                expectedSize: head.size, expectedHead: head.hash, foundSize: try await ledger.size(),
                foundHead: last?.hash ?? [])
        }
        guard span.hash == head.hash else {
            throw LedgerError.headMismatch(position: head.size - 1, expected: head.hash, found: span.hash)
        }
    }

    /// The home; refused where there is none, and where one has lost its ledger.
    func existingHome() throws(CommandError) -> HomePaths {
        let paths = try home()
        guard Files.isDirectory(paths.keys) || Files.exists(paths.settings) else { throw homeMissing(paths.root) }
        guard Files.exists(paths.ledger) else { throw wording(of: LedgerError.notFound(path: paths.ledger)) }
        return paths
    }

    /// The calendar of the home's zone.
    func calendar() throws -> CivilCalendar {
        try CivilCalendar(zone: settings().engine.timezone, in: environment.zones)
    }
}

/// Whether an error says that another process owns the home.
func isHeld(_ error: any Error) -> Bool {
    switch error {
    case EngineError.homeHeld, EngineError.ledger(.locked), LedgerError.locked: true
    default: false
    }
}
