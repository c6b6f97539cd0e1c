// Why the engine refused or failed, as data; the command line puts words to it.
public import Community
public import Encoding
public import Files
public import Law
public import Ledger
public import Persona
public import Providers
public import Tools
public import Vault

/// An error of a home, an admission, a letter or a run.
public enum EngineError: Error, Sendable, Equatable {
    /// There is no home at the path.
    case homeMissing(path: String)
    /// There is a home, or something else, at the path.
    case homeExists(path: String)
    /// There is no backup at the path.
    case backupMissing(path: String)
    /// Another process owns the home; its process id where the lock tells.
    case homeHeld(by: Int32?)
    /// The home was opened without its keys.
    case keysMissing
    /// The preamble is not the one that the ledger pins; both as `blake3:` and hex.
    case preambleAltered(expected: String, found: String)
    /// The tools' schemas are not the ones that the ledger pins.
    case toolsAltered(expected: String, found: String)
    /// The laws in text are not the ones that the ledger pins.
    case lawsAltered(expected: String, found: String)
    /// A law cannot be read, tested or asked.
    case law(LawError)
    /// A change of the laws is refused.
    case lawChange(LawChangeRefusal, law: String)
    /// The vault's own.
    case vault(VaultError)
    /// The ledger's own.
    case ledger(LedgerError)
    /// A file could not be read or written.
    case file(FileError)
    /// A persona or package is not what it must be.
    case persona(PersonaError)
    /// The tables of the community are not what they must be.
    case community(CommunityError)
    /// A tool definition is not what it must be.
    case tools(ToolsError)
    /// A provider's settings cannot be used.
    case provider(ProviderError)
    /// The resident is on the ledger as deleted.
    case residentDeleted(Identifier)
    /// Nobody of this id was admitted.
    case residentUnknown(Identifier)
    /// Another resident has this name.
    case nameTaken(String)
    /// A run of this resident is going on.
    case residentBusy(run: Identifier)
    /// The resident has had its run of this day, which ended so.
    case alreadyRun(RunState)
    /// The journal of a run does not open or does not follow; the run is parked.
    case journalBroken(run: Identifier, step: Int)
    /// No generation of this resident follows the ledger's in a way that can be proven.
    case nothingToAdopt(Identifier)
    /// A file in the spool is not what this program writes.
    case spoolMalformed(file: String)
    /// A row of the run table is not what this program writes.
    case storeMalformed
    /// Something unforeseen; its type name, never its text.
    case unexpected(String)

    /// Wraps what a lower room threw.
    static func wrapping(_ error: any Error) -> EngineError {
        switch error {
        case let error as EngineError: error
        case let error as VaultError: .vault(error)
        case let error as LedgerError: .ledger(error)
        case let error as FileError: .file(error)
        case let error as PersonaError: .persona(error)
        case let error as CommunityError: .community(error)
        case let error as ToolsError: .tools(error)
        case let error as LawError: .law(error)
        case let error as ProviderError: .provider(error)
        case RunStoreError.residentBusy(let run): .residentBusy(run: run)
        case RunStoreError.alreadySettled(let state): .alreadyRun(state)
        case is RunStoreError: .storeMalformed
        default: .unexpected("\(type(of: error))")
        }
    }

    /// Whether another process owns the home.
    public var isHeld: Bool {
        switch self {
        case .homeHeld, .ledger(.locked): true
        default: false
        }
    }

    /// Whether something was altered, rolled back, swapped or is missing (exit code 4).
    public var isIntegrityFailure: Bool {
        switch self {
        case .preambleAltered, .toolsAltered, .lawsAltered: true
        case .vault(let error): error.isIntegrity
        case .ledger(let error): error.isIntegrityFailure
        default: false
        }
    }
}

/// Runs `body` and gives whatever it throws as an error of this room.
func asEngineError<R>(_ body: () async throws -> R) async throws(EngineError) -> R {
    do { return try await body() } catch { throw .wrapping(error) }
}

/// Runs `body` and gives whatever it throws as an error of this room.
func asEngineErrorNow<R>(_ body: () throws -> R) throws(EngineError) -> R {
    do { return try body() } catch { throw .wrapping(error) }
}

extension RunEnd {
    /// The error behind the end, if there is one.
    var engineError: EngineError? { if case .engine(let error) = self { error } else { nil } }
}

extension EngineError {
    /// Whether the system is out of threads, descriptors or memory for now: nothing is wrong with what is kept.
    public var isShortage: Bool {
        switch self {
        case .vault(let error): error.isShortage
        case .ledger(let error): error.isShortage
        case .file(let error): error.isShortage
        default: false
        }
    }

    /// Whether the cause may pass by itself, so that the run is parked and not failed.
    var mayPass: Bool {
        switch self {
        case _ where isShortage: true
        case .ledger(.diskFull), .journalBroken: true
        case .vault(.file(let error)), .file(let error): error.isDiskFull
        default: false
        }
    }

    /// A code for the ledger and for reports.
    var reasonCode: String {
        switch self {
        case _ where isShortage: "system_shortage"
        case .vault(.fault(let fault)): "vault_\(fault.kind.rawValue)"
        case .ledger(.diskFull): "disk_full"
        case .vault(.file(let error)) where error.isDiskFull: "disk_full"
        case .file(let error) where error.isDiskFull: "disk_full"
        case .vault, .keysMissing: "vault_error"
        case .ledger: "ledger_error"
        case .preambleAltered: "preamble_altered"
        case .toolsAltered: "tools_altered"
        case .lawsAltered: "laws_altered"
        case .persona(.belowMinimumRun): "tokens"
        case .persona: "persona_error"
        case .residentBusy: "busy"
        case .alreadyRun: "already_run"
        case .residentDeleted: "deleted"
        case .journalBroken: RunEngine.journalBroken
        default: "internal_error"
        }
    }
}
