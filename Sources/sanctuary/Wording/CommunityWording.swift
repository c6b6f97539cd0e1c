// Words for what the tables of the community and the tools' schemas refuse.
import Community
import Tools

func wording(of error: CommunityError) -> CommandError {
    switch error {
    case .malformedSpan(let id, let field): CommandError("span \(id) lacks '\(field)'", hint: rebuildHint)
    case .letterTooLarge(let limit):
        CommandError("the letter is larger than \(limit) bytes", hint: "write two letters")
    case .malformedLetter(let id): CommandError("letter \(id) is not what this program writes")
    case .mismatchedLetter(let id):
        .integrity(
            "letter \(id) is not the one that its row stands for", hint: "'sanctuary ledger verify' names each fault")
    case .damagedTable(let name): CommandError("the table '\(name)' is not what this program writes", hint: rebuildHint)
    case .inboxFull(let resident, let limit):
        CommandError("the inbox of resident \(resident) is full: \(limit) letters", hint: "wait until it has read them")
    case .tooManyLetters(let limit):
        CommandError("the sender wrote \(limit) letters today, as many as a day allows", hint: "write again tomorrow")
    case .accessRevoked(let resident):
        CommandError("resident \(resident) has revoked the sender's access", code: .refused)
    case .malformedPerson: CommandError("a name must have 1 to 400 bytes", code: .usage)
    case .residentDeleted(let id):
        CommandError("resident \(id) is deleted", hint: "'sanctuary memorial' remembers it")
    }
}

private let rebuildHint = "'sanctuary ledger rebuild' makes the tables again from the record"

func wording(of error: ToolsError) -> CommandError {
    switch error {
    case .malformedDefinition(let file, let place):
        CommandError("tools/resident/\(shown(file)) is not a tool definition: \(shown(place))", hint: toolsHint)
    case .unknownTool(let file, let name):
        CommandError(
            "tools/resident/\(shown(file)) defines '\(shown(name))', which is no resident tool", hint: toolsHint)
    case .duplicateTool(let name): CommandError("the tool '\(shown(name))' is defined twice", hint: toolsHint)
    case .missingTools(let names): CommandError("no definition of \(listed(names)) in tools/resident", hint: toolsHint)
    case .malformedEffect: CommandError("a staged effect is not what this program writes")
    }
}

private let toolsHint = "put back the files that 'sanctuary init' copied"
