// Everything that can go wrong in this room, as data; the command line turns it into words.
public import Cryptography
public import Encoding
public import Files

/// Why the vault refused or failed.
public enum VaultError: Error, Equatable, Sendable {
    /// A sealed file is not what it should be: altered, swapped, rolled back, foreign, missing (exit 4).
    case fault(VaultFault)
    /// The master key's id is not one of the keyring's providers; ids in hex.
    case wrongMasterKey(expected: [String], found: String)
    /// The passphrase opens no provider of the keyring.
    case wrongPassphrase
    /// No source gave a master key; the places that were looked at.
    case masterKeyMissing(looked: [String])
    /// Two sources give different master keys; their names as the setting `master` would write them.
    case masterKeySourcesDiffer(first: String, second: String)
    /// The setting `master` is none of the known forms.
    case unknownMasterKeySource(String)
    /// A key does not have its form (64 hex digits and a newline); the source's name, never its content.
    case malformedKey(source: String)
    /// A passphrase was to be asked for, and nobody is there to ask.
    case noPrompt
    /// The passphrase is empty or longer than 1,024 bytes.
    case unusablePassphrase(source: String)
    /// The keyring holds no key of this resident: never admitted, or deleted.
    case unknownResident(Identifier)
    /// The resident has a key already.
    case residentExists(Identifier)
    /// A file that was to be created is there already.
    case alreadyExists(path: String)
    /// Another change of the keyring was prepared and neither committed nor abandoned.
    case keyringChangePending
    /// The change is not the one that was prepared.
    case unknownKeyringChange
    /// The plaintext is longer than the format allows, in bytes.
    case plaintextTooLong(limit: Int, found: Int)
    /// The message inside a sealed payload has a length or padding that the format forbids.
    case malformedSealedMessage
    /// A restore was refused: the backup's keyring is older than the ledger's last deletion (epochs).
    case keyringOlderThanDeletion(backup: UInt64, deletion: UInt64)
    /// A restore was refused: the backup's keyring holds the key of a resident that was deleted.
    case keyringHoldsDeleted(Identifier)
    /// A test's step hook stopped the work after this step.
    case interrupted(VaultStep)
    /// The file system refused.
    case file(FileError)
    /// A primitive refused, for other reasons than a failed check of sealed bytes.
    case cryptography(CryptographyError)
    /// The worker threads were stopped or could not be started (`errno`).
    case workersUnavailable(code: Int32)

    /// Whether the system is out of threads, descriptors or memory for now: nothing is wrong with what is sealed.
    public var isShortage: Bool {
        switch self {
        case .workersUnavailable, .cryptography(.outOfMemory): true
        case .file(let error): error.isShortage
        default: false
        }
    }

    /// Whether this is a matter of integrity (exit code 4).
    public var isIntegrity: Bool {
        switch self {
        case .fault, .keyringOlderThanDeletion, .keyringHoldsDeleted: true
        default: false
        }
    }
}
