// Every way in which the ledger refuses or fails, as data; words are put to it in the command line room.
public import Encoding
public import Files
public import SQLite

/// Why the ledger refused or failed.
///
/// Values are positions, identifiers and hashes, never private words.
public enum LedgerError: Error, Equatable, Sendable {
    /// There is a ledger already where one was to be made.
    case exists(path: String)
    /// There is no ledger.
    case notFound(path: String)
    /// Another process or value writes this ledger; its process id, where known.
    case locked(by: Int32?)
    /// It was opened for reading, or the file system is read-only.
    case readOnly
    /// It was closed.
    case closed
    /// An earlier failure left it unknown what the disk holds; open it again.
    case unusable
    /// The disk is full; nothing of the request was kept.
    case diskFull
    /// SQLite failed otherwise.
    case storage(SQLiteError)
    /// A file operation failed.
    case file(FileError)

    /// The draft says something that its kind does not declare.
    case undeclaredField(EntityType, String)
    /// A declared field of the draft is missing or of the wrong form.
    case invalidField(EntityType, String)
    /// The draft cannot be written canonically.
    case notCanonical(JSONError)
    /// The span would be larger than the format allows.
    case tooLarge(bytes: Int, limit: Int)
    /// More spans in one request than a group holds.
    case tooMany(spans: Int, limit: Int)

    /// The identifier and version are on the ledger already.
    case identifierUsed(Identifier, seq: Int)
    /// The version is not the one after the last, or the kind differs from the earlier versions' kind.
    case wrongVersion(Identifier, expected: Int, found: Int)
    /// The key was used before: by that span, at that position.
    case idempotencyKeyUsed(String, by: Identifier, position: Int)
    /// A seal whose generation does not follow the resident's last one.
    case wrongGeneration(resident: Identifier, expected: Int, found: Int)
    /// The resident was deleted at that position.
    case residentDeleted(Identifier, position: Int)
    /// The resident was admitted before, at that position.
    case residentExists(Identifier, position: Int)
    /// The resident was never admitted.
    case residentUnknown(Identifier)

    /// The head file names more than the ledger holds: it was rolled back or cut off.
    case rolledBack(expectedSize: Int, expectedHead: [UInt8], foundSize: Int, foundHead: [UInt8])
    /// The head file names another span than the ledger has at that place.
    case headMismatch(position: Int, expected: [UInt8], found: [UInt8])
    /// The head file is missing.
    case headMissing(path: String)
    /// The head file is not of the format's form.
    case headMalformed(path: String)
    /// The head file's signature is not the node's.
    case headSignatureInvalid(path: String)
    /// The ledger was opened with another key than the node's: the public keys.
    case foreignKey(expected: [UInt8], found: [UInt8])
    /// Spans were altered; the first faults found.
    case altered([Fault])
    /// SQLite's own check found the file damaged; its words.
    case damaged([String])

    /// Whether something was altered, rolled back, swapped or is missing (exit code 4).
    public var isIntegrityFailure: Bool {
        switch self {
        case .rolledBack, .headMismatch, .headMissing, .headMalformed, .headSignatureInvalid, .foreignKey, .altered,
            .damaged:
            true
        case .storage(let error): error.isCorrupt
        default: false
        }
    }

    /// Whether the system is out of descriptors or memory for now: nothing is wrong with the ledger.
    public var isShortage: Bool {
        switch self {
        case .storage(let error): error.isOutOfMemory
        case .file(let error): error.isShortage
        default: false
        }
    }

    /// The error as one of the ledger's; what is neither SQLite's nor a file's passes as nil.
    static func known(_ error: any Error) -> LedgerError? {
        switch error {
        case let error as LedgerError: error
        case let fault as Fault: .altered([fault])
        case let error as SQLiteError where error.isFull: .diskFull
        case let error as SQLiteError where error.isReadOnly: .readOnly
        case let error as SQLiteError: .storage(error)
        case let error as FileError where error.isDiskFull: .diskFull
        case let error as FileError where error.isReadOnly: .readOnly
        case let error as FileError: .file(error)
        case let error as JSONError: .notCanonical(error)
        default: nil
        }
    }
}
