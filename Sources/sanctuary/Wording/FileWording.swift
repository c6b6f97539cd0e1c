// Words for what the file system and SQLite refuse.
import Files
import SQLite

func wording(of error: FileError) -> CommandError {
    let path = shown(error.path, limit: 300)
    if error.isDiskFull {
        return CommandError(
            "no space left on the disk for '\(path)'", hint: "make room and run the command again; nothing was lost")
    }
    if error.isShortage {
        return CommandError(
            "the system is out of descriptors or memory to \(error.operation) '\(path)': \(lowered(error.reason))",
            hint: "look at 'ulimit -n' and free memory, and run the command again; nothing was lost")
    }
    if error.isReadOnly {
        return CommandError(
            "the file system of '\(path)' is read-only", hint: "mount it writable, or name another home with --home DIR"
        )
    }
    if error.isMissing { return CommandError("there is no '\(path)'", hint: "look at the spelling of the path") }
    if error.isPermission {
        return CommandError("no permission to \(error.operation) '\(path)'", hint: "run as the user who owns it")
    }
    if Files.isDirectory(error.path), error.isIrregular {
        return CommandError("'\(path)' is a directory", hint: "name a file")
    }
    if error.isTooLarge { return CommandError("'\(path)' is larger than it may be") }
    if error.isExisting { return CommandError("'\(path)' exists already") }
    return CommandError("cannot \(error.operation) '\(path)': \(lowered(error.reason))")
}

func wording(of error: FileLockError) -> CommandError {
    switch error {
    case .held(let process): homeHeld(by: process)
    case .failed(let error): wording(of: error)
    }
}

/// Another process works in the home.
func homeHeld(by process: Int32?) -> CommandError {
    CommandError(
        "the home is in use by another process" + (process.map { " (pid \($0))" } ?? ""),
        hint: "wait until it is done; 'message' and 'admit' are taken in by it, and reading works beside it")
}

func wording(of error: SQLiteError) -> CommandError {
    if error.isFull {
        return CommandError("no space left on the disk for the ledger", hint: "make room and run the command again")
    }
    if error.isOutOfMemory {
        return CommandError("not enough memory for the ledger", hint: "look at free memory and run the command again")
    }
    if error.isReadOnly { return CommandError("the ledger cannot be written: its file or file system is read-only") }
    if error.isCorrupt {
        return .integrity(
            "the ledger's file is damaged: \(shown(error.message))",
            hint: "restore it from a backup: 'sanctuary vault restore DIR'")
    }
    if error.isBusy { return CommandError("another process holds the ledger's file", hint: "wait until it is done") }
    if error.isCannotOpen {
        return CommandError(
            "the ledger's file cannot be opened",
            hint: "reading needs to write beside it: mount the home writable, or copy it to where it can be")
    }
    return CommandError("the ledger's store failed: \(shown(error.message)) (SQLite code \(error.code))")
}

/// A text of the system with a small first letter.
func lowered(_ text: String) -> String { text.prefix(1).lowercased() + text.dropFirst() }
