// One error of every case of every room, with values that a reader can follow.
import Community
import Cryptography
import Encoding
import Engine
import Files
import HTTPClient
import Ledger
import Persona
import Providers
import SQLite
import Scheduler
import Tools
import Vault

@testable import sanctuary

/// Samples for the catalogue of words.
enum ErrorSamples {
    static let id = Identifier(high: 0x01A1_FC4C_EBDB_7ECB, low: 0x84DF_5FB6_304F_A99C)
    static let other = Identifier(high: 0x01A1_FC4C_EBDB_7ECB, low: 0x84DF_5FB7_1F32_B640)
    static let hash = [UInt8](repeating: 0xAB, count: 32)
    static let otherHash = [UInt8](repeating: 0xCD, count: 32)
    static let place = JSONPosition(offset: 7, line: 2, column: 3)
    static let path = "/srv/home/ledger.sqlite"

    static var all: [(String, [any Error])] {
        [
            ("files", files), ("sqlite", sqlite), ("json", json), ("vault", vault), ("vault faults", vaultFaults),
            ("cryptography", cryptography), ("ledger", ledger), ("ledger, altered", ledgerAltered),
            ("persona", persona), ("cards in images", images), ("community", community), ("tools", tools), ("law", law),
            ("sandbox", sandbox),
            ("providers", providers), ("settings of providers", providerSettings), ("http", http), ("engine", engine),
            ("calendar", calendar),
        ]
    }

    static let files: [any Error] = [
        FileError(operation: "write", path: path, code: 28), FileError(operation: "write", path: path, code: 122),
        FileError(operation: "write", path: path, code: 30), FileError(operation: "open", path: path, code: 2),
        FileError(operation: "open", path: path, code: 13), FileError(operation: "read", path: path, code: 27),
        FileError(operation: "open", path: path, code: 24),
        FileError(operation: "create", path: path, code: 17), FileError(operation: "read", path: path, code: 5),
        FileLockError.held(by: 4711), FileLockError.held(by: nil),
        FileLockError.failed(FileError(operation: "open", path: path, code: 13)),
    ]

    static let sqlite: [any Error] = [
        SQLiteError(code: 13, message: "database or disk is full"),
        SQLiteError(code: 8, message: "attempt to write a readonly database"),
        SQLiteError(code: 11, message: "database disk image is malformed"),
        SQLiteError(code: 26, message: "file is not a database"),
        SQLiteError(code: 5, message: "database is locked"),
        SQLiteError(code: 14, message: "unable to open database file"),
        SQLiteError(code: 1, message: "SQL logic error"),
    ]

    static let json: [any Error] = [
        JSONError.unexpectedByte(0x7D, at: place), JSONError.unexpectedByte(0x01, at: place),
        JSONError.unterminated(at: place), JSONError.duplicateKey(at: place), JSONError.loneSurrogate(at: place),
        JSONError.invalidUTF8(at: place), JSONError.invalidEscape(at: place), JSONError.invalidNumber(at: place),
        JSONError.controlCharacter(at: place), JSONError.byteOrderMark(at: place), JSONError.trailingBytes(at: place),
        JSONError.tooDeep(limit: 64, at: place), JSONError.tooLarge(limit: 1 << 20),
        JSONError.notCanonicalNumber(at: nil),
    ]

    static let vault: [any Error] = [
        VaultError.wrongMasterKey(expected: ["ab12"], found: "cd34"),
        VaultError.wrongMasterKey(expected: ["ab12", "ef56"], found: "cd34"), VaultError.wrongPassphrase,
        VaultError.masterKeyMissing(looked: ["env:MASTER_ENCRYPTION_KEY", "file:/srv/home/keys/master.key"]),
        VaultError.masterKeySourcesDiffer(first: "env:MASTER_ENCRYPTION_KEY", second: "file:/srv/key"),
        VaultError.unknownMasterKeySource("gold"), VaultError.malformedKey(source: "file:/srv/key"),
        VaultError.noPrompt, VaultError.unusablePassphrase(source: "passphrase"), VaultError.unknownResident(id),
        VaultError.residentExists(id), VaultError.alreadyExists(path: "keys/keyring"),
        VaultError.keyringChangePending, VaultError.unknownKeyringChange,
        VaultError.plaintextTooLong(limit: 64 << 20, found: 65 << 20),
        VaultError.malformedSealedMessage, VaultError.keyringOlderThanDeletion(backup: 1, deletion: 3),
        VaultError.keyringHoldsDeleted(id), VaultError.interrupted(.keyringRenamed),
        VaultError.file(FileError(operation: "write", path: path, code: 28)),
        VaultError.workersUnavailable(code: 11),
    ]

    static let vaultFaults: [any Error] = VaultFault.Kind.allCases.map { kind in
        VaultError.fault(
            VaultFault(kind, path: "vault/blobs/9c/x.3.blob", field: "generation", expected: "3", found: "2"))
    }

    static let cryptography: [any Error] = [
        VaultError.cryptography(.authenticationFailed), VaultError.cryptography(.commitmentMismatch),
        VaultError.cryptography(.invalidLength(what: "key", expected: 32, found: 31)),
        VaultError.cryptography(.invalidHex), VaultError.cryptography(.workFactorTooHigh),
        VaultError.cryptography(.workFactorTooLow), VaultError.cryptography(.outOfMemory),
        VaultError.cryptography(.libraryFailure(operation: "EVP_EncryptInit_ex2")),
    ]

    static let ledger: [any Error] = [
        LedgerError.exists(path: path), LedgerError.locked(by: 4711), LedgerError.locked(by: nil),
        LedgerError.readOnly, LedgerError.closed, LedgerError.unusable, LedgerError.diskFull,
        LedgerError.storage(SQLiteError(code: 5, message: "database is locked")),
        LedgerError.file(FileError(operation: "write", path: path, code: 30)),
        LedgerError.undeclaredField(.residentAdmitted, "shoe_size"),
        LedgerError.invalidField(.residentAdmitted, "generation"),
        LedgerError.notCanonical(.notCanonicalNumber(at: nil)),
        LedgerError.tooLarge(bytes: 70_000, limit: 65_535), LedgerError.tooMany(spans: 20_000, limit: 10_000),
        LedgerError.identifierUsed(id, seq: 0), LedgerError.wrongVersion(id, expected: 1, found: 3),
        LedgerError.idempotencyKeyUsed("nightly:2026-11-21:x", by: id, position: 7),
        LedgerError.residentDeleted(id, position: 7), LedgerError.residentExists(id, position: 7),
        LedgerError.residentUnknown(id),
    ]

    static let ledgerAltered: [any Error] = [
        LedgerError.notFound(path: path), LedgerError.wrongGeneration(resident: id, expected: 4, found: 3),
        LedgerError.rolledBack(expectedSize: 9, expectedHead: hash, foundSize: 7, foundHead: otherHash),
        LedgerError.headMismatch(position: 8, expected: hash, found: otherHash),
        LedgerError.headMissing(path: "/srv/home/ledger.head"),
        LedgerError.headMalformed(path: "/srv/home/ledger.head"),
        LedgerError.headSignatureInvalid(path: "/srv/home/ledger.head"),
        LedgerError.foreignKey(expected: hash, found: otherHash), LedgerError.altered([]),
        LedgerError.damaged(["row 3 missing from index"]),
        LedgerError.storage(SQLiteError(code: 11, message: "database disk image is malformed")),
    ]
}
