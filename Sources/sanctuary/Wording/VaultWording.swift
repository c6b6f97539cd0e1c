// Words for what the vault refuses.
import Cryptography
import Vault

func wording(of error: VaultError) -> CommandError {
    switch error {
    case .fault(let fault): wording(of: fault)
    case .wrongMasterKey(let expected, let found):
        CommandError(
            "wrong master key: its id is \(found), the keyring wants \(listed(expected, "or"))",
            hint: "give the key that this home was made with; a key of another home does not open it")
    case .wrongPassphrase:
        CommandError("wrong passphrase: it opens no entry of the keyring", hint: "try again")
    case .masterKeyMissing(let looked):
        CommandError(
            "no master key: looked at \(listed(looked))",
            hint: "set MASTER_ENCRYPTION_KEY to its 64 hex digits, or name its place with the setting 'master'")
    case .masterKeySourcesDiffer(let first, let second):
        CommandError("\(first) and \(second) hold different master keys", hint: "take away the one that is not meant")
    case .unknownMasterKeySource:
        // The text is not shown: it may be the key itself, written where its place belongs.
        .usage(
            "'master' names no source of a key",
            hint: "one of file:PATH, env:NAME, passphrase, passphrase:FILE, credential:NAME")
    case .malformedKey(let source):
        CommandError("\(source) does not hold a key", hint: "a key is 64 hex digits on one line")
    case .noPrompt:
        CommandError(
            "the passphrase cannot be asked for: there is no terminal",
            hint: "use the setting master: \"passphrase:FILE\" where nobody sits at the terminal")
    case .unusablePassphrase(let source):
        CommandError(
            "the passphrase\(source == "passphrase" ? "" : " of \(source)") is empty or longer than 1,024 bytes",
            hint: "choose another")
    case .unknownResident(let id):
        CommandError(
            "the keyring holds no key of resident \(id)", hint: "'sanctuary vault verify' shows what is missing")
    case .residentExists(let id): CommandError("resident \(id) has a key already")
    case .alreadyExists(let path): CommandError("'\(shown(path, limit: 300))' exists already")
    case .keyringChangePending:
        CommandError("another change of the keyring is under way", hint: "run the command again")
    case .unknownKeyringChange: unforeseen("keyring change")
    case .plaintextTooLong(let limit, let found):
        CommandError("a persona package of \(sized(found)) does not fit into a blob: at most \(sized(limit))")
    case .malformedSealedMessage: .integrity("a sealed message has a form that the format forbids", hint: verifyHint)
    case .keyringOlderThanDeletion(let backup, let deletion):
        .integrity(
            "the backup's keyring is of epoch \(backup), older than the last deletion (epoch \(deletion))",
            hint: "it would bring back what was deleted; use a backup of the keys made after the deletion")
    case .keyringHoldsDeleted(let id):
        .integrity(
            "the backup's keyring holds the key of \(id), who was deleted",
            hint: "use a backup of the keys made after the deletion")
    case .interrupted(let step): CommandError("interrupted after \(step.rawValue)")
    case .file(let error): wording(of: error)
    case .cryptography(let error): wording(of: error)
    case .workersUnavailable:
        CommandError(
            "the vault's threads could not be started: the system is out of threads or memory",
            hint: "look at 'ulimit -u', 'ulimit -v' and free memory, and run the command again; nothing was lost")
    }
}

private let verifyHint = "'sanctuary vault verify' and 'sanctuary ledger verify' name each fault"

func wording(of fault: VaultFault) -> CommandError {
    .integrity(words(for: fault), hint: hint(for: fault.kind))
}

/// A fault in one line: place, kind, both values.
func words(for fault: VaultFault) -> String {
    let place = "'\(shown(fault.path, limit: 200))'"
    let values = "expected \(shown(fault.expected, limit: 200)), found \(shown(fault.found, limit: 200))"
    return switch fault.kind {
    case .altered: "\(place) was altered: \(fault.field): \(values)"
    case .truncated: "\(place) is cut off: \(fault.field): \(values)"
    case .malformed: "\(place) is malformed: \(fault.field): \(values)"
    case .swapped: "\(place) belongs to another resident: \(fault.field): \(values)"
    case .rolledBack: "\(place) was rolled back: \(fault.field): \(values)"
    case .newer: "\(place) has made way for a newer one than the ledger names: \(fault.field): \(values)"
    case .missing: "\(place) is missing: \(fault.field): \(values)"
    case .foreign: "\(place) belongs to another vault: \(fault.field): \(values)"
    case .unexpected: "\(place) is nothing that the ledger knows: \(fault.field): \(values)"
    case .unreadable: "\(place) cannot be read: \(fault.field): \(values)"
    }
}

private func hint(for kind: VaultFault.Kind) -> String {
    switch kind {
    case .unexpected: "look where it came from; 'sanctuary vault verify' shows all such files"
    case .newer: "the ledger lost its end: 'sanctuary vault adopt RESIDENT' takes the newer one, if it follows"
    case .unreadable: "look at the disk and the file's permissions, then 'sanctuary vault verify'"
    default: "'sanctuary vault verify' shows each fault; 'sanctuary vault restore DIR' brings back a backup"
    }
}

func wording(of error: CryptographyError) -> CommandError {
    switch error {
    case .authenticationFailed, .commitmentMismatch:
        .integrity("sealed bytes were altered or belong to another key", hint: verifyHint)
    case .invalidLength(let what, let expected, let found):
        CommandError("\(what) has \(found) bytes, expected \(expected)")
    case .invalidHex: CommandError("a key is not written in hex digits", hint: "a key is 64 hex digits on one line")
    case .workFactorTooHigh, .workFactorTooLow:
        CommandError("the keyring asks for a passphrase work factor that is refused")
    case .outOfMemory: CommandError("not enough memory for keys", hint: "look at 'ulimit -l' and free memory")
    case .libraryFailure(let operation): CommandError("a cryptographic operation failed: \(operation)")
    }
}
