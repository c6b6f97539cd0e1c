// Words for what the ledger refuses.
import Encoding
import Ledger

func wording(of error: LedgerError) -> CommandError {
    switch error {
    case .exists(let path):
        CommandError("there is a ledger already: '\(shown(path, limit: 300))'", hint: "name a new or empty directory")
    case .notFound(let path):
        .integrity(
            "the ledger is missing: '\(shown(path, limit: 300))'",
            hint: "'sanctuary vault restore DIR' brings back a backup")
    case .locked(let process): homeHeld(by: process)
    case .readOnly:
        CommandError(
            "the ledger cannot be written: the home is on a read-only file system or was opened for reading",
            hint: "mount it writable, or name another home with --home DIR")
    case .closed, .unusable: CommandError("the ledger was closed after a failure", hint: "run the command again")
    case .diskFull:
        CommandError(
            "no space left on the disk for the ledger", hint: "make room and run the command again; nothing was lost")
    case .storage(let error): wording(of: error)
    case .file(let error): wording(of: error)
    case .undeclaredField(let type, let field): CommandError("a span of type \(type.rawValue) may not carry '\(field)'")
    case .invalidField(let type, let field): CommandError("'\(field)' is wrong for a span of type \(type.rawValue)")
    case .notCanonical(let error): CommandError("a span cannot be written: \(words(for: error))")
    case .tooLarge(let bytes, let limit): CommandError("a span of \(bytes) bytes is too large: at most \(limit)")
    case .tooMany(let spans, let limit): CommandError("\(spans) spans in one group: at most \(limit)")
    case .identifierUsed(let id, let seq): CommandError("span \(id) of version \(seq) is on the ledger already")
    case .wrongVersion(let id, let expected, let found):
        CommandError("span \(id) has version \(found), the next one is \(expected)")
    case .idempotencyKeyUsed(let key, let id, let position):
        CommandError("'\(shown(key))' was done already by span \(id) at position \(position)")
    case .wrongGeneration(let resident, let expected, let found):
        .integrity(
            "resident \(resident) was sealed as generation \(found), the next one is \(expected)", hint: verifyHint)
    case .residentDeleted(let id, let position): CommandError("resident \(id) was deleted (position \(position))")
    case .residentExists(let id, let position):
        CommandError("resident \(id) was admitted before (position \(position))")
    case .residentUnknown(let id): CommandError("resident \(id) was never admitted")
    default: integrityWording(of: error)
    }
}

private let verifyHint = "'sanctuary ledger verify' names each fault"
private let restoreHint =
    "'sanctuary vault restore DIR' brings back a backup; after a crash of the machine, "
    + "'sanctuary ledger accept-loss' records the loss and goes on"

/// The ways in which the record itself is wrong.
private func integrityWording(of error: LedgerError) -> CommandError {
    switch error {
    case .rolledBack(let expectedSize, let expected, let foundSize, let found):
        return .integrity(
            "the ledger was rolled back: expected \(expectedSize) spans ending in \(short(expected)), "
                + "found \(foundSize) ending in \(short(found))", hint: restoreHint)
    case .headMismatch(let position, let expected, let found):
        return .integrity(
            "the ledger is not the one that its head names: position \(position): expected \(short(expected)), "
                + "found \(short(found))", hint: restoreHint)
    case .headMissing(let path):
        return .integrity(
            "the ledger's head is missing: '\(shown(path, limit: 300))'",
            hint: "'sanctuary vault restore DIR' brings back a backup")
    case .headMalformed(let path):
        return .integrity(
            "the ledger's head is malformed: '\(shown(path, limit: 300))'",
            hint: "'sanctuary vault restore DIR' brings back a backup")
    case .headSignatureInvalid(let path):
        return .integrity(
            "the ledger's head is not signed by this node: '\(shown(path, limit: 300))'",
            hint: "'sanctuary vault restore DIR' brings back a backup")
    case .foreignKey(let expected, let found):
        return .integrity(
            "the ledger belongs to another key: expected \(short(expected)), found \(short(found))",
            hint: "put back keys/node.ed25519 of this home")
    case .altered(let faults):
        guard let first = faults.first else { return .integrity("the ledger was altered", hint: verifyHint) }
        return wording(of: first)
    case .damaged(let words):
        return .integrity(
            "the ledger's file is damaged: \(shown(words.first ?? "unknown damage", limit: 200))",
            hint: "'sanctuary vault restore DIR' brings back a backup")
    default: return unforeseen("ledger")
    }
}

func wording(of fault: Fault) -> CommandError { .integrity("ledger: \(words(for: fault))", hint: verifyHint) }

/// A fault in one line: place, kind, both values.
func words(for fault: Fault) -> String {
    let kind = fault.kind.rawValue.replacing("_", with: " ")
    return "\(fault.place): \(kind): expected \(shown(fault.expected, limit: 200)), "
        + "found \(shown(fault.found, limit: 200))"
}

/// The beginning of a hash, enough to tell two apart.
private func short(_ hash: [UInt8]) -> String { Hex.encode(hash.prefix(8)) + (hash.count > 8 ? "…" : "") }
