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
        CommandError("\(definition(file)) is not a tool definition: \(shown(place))", hint: toolsHint(file))
    case .unknownTool(let file, let name):
        CommandError(
            "\(definition(file)) defines '\(shown(name))', which is no resident tool", hint: toolsHint(file))
    case .duplicateTool(let name): CommandError("the tool '\(shown(name))' is defined twice", hint: toolsHint())
    case .missingTools(let names):
        CommandError("no definition of \(listed(names)) in tools/resident", hint: toolsHint())
    case .unreadablePlugin(let name, let place):
        CommandError("tools/\(shown(name)) cannot be read as a plugin tool: \(shown(place))")
    case .malformedEffect: CommandError("a staged effect is not what this program writes")
    }
}

/// A plugin's file is named with its folder, a resident tool's without.
private func definition(_ file: String) -> String {
    file.contains("/") ? "tools/\(shown(file))" : "tools/resident/\(shown(file))"
}

private func toolsHint(_ file: String = "") -> String {
    file.contains("/")
        ? "docs/tools.md says what a tool.json holds" : "put back the files that 'sanctuary init' copied"
}
