// Words for what the engine refuses; what it wraps has its own.
import Engine

func wording(of error: EngineError) -> CommandError {
    switch error {
    case .vault(let error): wording(of: error)
    case .ledger(let error): wording(of: error)
    case .file(let error): wording(of: error)
    case .persona(let error): wording(of: error)
    case .community(let error): wording(of: error)
    case .tools(let error): wording(of: error)
    case .provider(let error): wording(of: error)
    case .homeMissing(let path): homeMissing(path)
    case .homeExists(let path):
        CommandError(
            "there is something at '\(shown(path, limit: 300))' already",
            hint: "name a new or empty directory")
    case .backupMissing(let path):
        CommandError(
            "there is no backup at '\(shown(path, limit: 300))'", hint: "'sanctuary vault backup DIR' makes one")
    case .homeHeld(let process): homeHeld(by: process)
    case .keysMissing: CommandError("the home was opened without its keys")
    case .preambleAltered(let expected, let found):
        .integrity(
            "the preamble was altered: the ledger pins \(expected), found \(found)",
            hint:
                "put back preambles/constitution.txt of this home, or see 'sanctuary ledger pin'; no run begins before")
    case .toolsAltered(let expected, let found):
        .integrity(
            "the tools' schemas were altered: the ledger pins \(shown(expected, limit: 200)), found \(found)",
            hint:
                "put back the files in tools/resident of this home, or see 'sanctuary ledger pin'; no run begins before"
        )
    case .lawsAltered(let expected, let found): lawsAltered(expected: expected, found: found)
    case .law(let error): wording(of: error)
    case .lawChange(let refusal, let law): wording(of: refusal, law: law)
    case .residentDeleted(let id):
        CommandError("resident \(id) is deleted", hint: "'sanctuary memorial' remembers it")
    case .residentUnknown(let id): .usage("no resident has the id \(id)", hint: "'sanctuary residents' lists them")
    case .nameTaken(let name):
        CommandError("a resident is named '\(shown(name))' already", hint: "choose another name with --name NAME")
    case .residentBusy(let run):
        CommandError("a run of this resident is going on: \(run)", hint: "wait until it is done")
    case .alreadyRun(let state):
        CommandError(
            "this resident has had its run of the day: \(state.rawValue)",
            hint: "'sanctuary run' begins a manual run at any time")
    case .journalBroken(let run, let step):
        CommandError(
            "the journal of run \(run) does not open at step \(step)",
            hint: "the run is parked; the next night closes it and starts its own")
    case .nothingToAdopt(let id):
        CommandError(
            "there is nothing of resident \(id) to adopt: no sealed file that follows the ledger's and opens",
            hint: "'sanctuary vault verify' names what is wrong; 'sanctuary vault restore DIR' brings back a backup")
    case .spoolMalformed(let file):
        CommandError("'spool/\(shown(file))' is not what this program writes", hint: "move it away")
    case .storeMalformed:
        CommandError(
            "a row of the home's tables is not what this program writes",
            hint: "'sanctuary ledger verify' tests the record; 'sanctuary ledger rebuild' makes its tables again")
    case .unexpected(let name): unforeseen(shown(name))
    }
}

/// There is no home where one was looked for.
func homeMissing(_ path: String) -> CommandError {
    CommandError(
        "there is no home at '\(shown(path, limit: 300))'",
        hint: "'sanctuary init' makes one; --home DIR or SANCTUARY_HOME names another")
}
