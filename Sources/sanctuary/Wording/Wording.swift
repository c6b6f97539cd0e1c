// The words for every error of every room, said once: what is wrong with the offending value, and what to do next.
//
// Each room's errors have a file here, named after it; `worded` is the way in. The rules stand at `CommandError`.
import Community
import Encoding
import Engine
import Files
import HTTPClient
import Law
import Ledger
import Persona
import Providers
import SQLite
import Sandbox
import Scheduler
import Tools
import Vault

/// Any error as a person reads it; one that no room declares is named by its type alone.
func worded(_ error: any Error) -> CommandError {
    switch error {
    case let error as CommandError: error
    case let error as EngineError: wording(of: error)
    case let error as VaultError: wording(of: error)
    case let error as VaultFault: wording(of: error)
    case let error as LedgerError: wording(of: error)
    case let error as Fault: wording(of: error)
    case let error as PersonaError: wording(of: error)
    case let error as CommunityError: wording(of: error)
    case let error as ToolsError: wording(of: error)
    case let error as LawError: wording(of: error)
    case let error as SandboxError: wording(of: error)
    case let error as ProviderError: wording(of: error)
    case let error as FileError: wording(of: error)
    case let error as FileLockError: wording(of: error)
    case let error as SQLiteError: wording(of: error)
    case let error as CalendarError: wording(of: error)
    case let error as JSONError: CommandError(words(for: error))
    case let error as HTTPError: CommandError(words(for: error))
    default: unforeseen("\(type(of: error))")
    }
}

/// A failure that no room has words for.
func unforeseen(_ name: String) -> CommandError {
    CommandError("something unforeseen went wrong: \(name)", hint: "'sanctuary doctor' looks at the whole installation")
}

/// Words in a row: `a`, `a and b`, `a, b and c`.
func listed(_ words: [String], _ conjunction: String = "and") -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "nothing" }
    return words.dropLast().joined(separator: ", ") + " \(conjunction) " + last
}

/// `1 letter`, `2 letters`.
func counted(_ count: Int, _ singular: String, _ plural: String? = nil) -> String {
    "\(count) \(count == 1 ? singular : plural ?? singular + "s")"
}

/// A size in bytes as people say it.
func sized(_ bytes: Int) -> String {
    switch bytes {
    case ..<1_024: counted(bytes, "byte")
    case ..<(1 << 20): "\((bytes + 512) / 1_024) KiB"
    case ..<(1 << 30): "\((bytes + (1 << 19)) >> 20) MiB"
    default: "\((bytes + (1 << 29)) >> 30) GiB"
    }
}
