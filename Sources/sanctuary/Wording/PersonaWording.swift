// Words for personas, cards and token settings that are refused; fields are named, texts never quoted.
import Encoding
import Persona

func wording(of error: PersonaError) -> CommandError {
    switch error {
    case .damagedPackage(let place):
        CommandError(
            "the persona package is not what this program writes: \(shown(place))",
            hint: "'sanctuary vault restore DIR' brings back a backup")
    case .unsupportedPackageVersion(let version):
        CommandError("the persona package has version \(version), written by a later program", hint: "update sanctuary")
    case .packageTooLarge(let bytes, let limit):
        CommandError("the persona package has \(sized(bytes)); at most \(sized(limit)) fit a blob")
    case .emptyText(let field): CommandError("'\(shown(field))' is empty", hint: "write something into it")
    case .textTooLong(let field, let limit, let unit):
        CommandError("'\(shown(field))' is longer than \(limit) \(unit.rawValue)", hint: "shorten it")
    case .nulInText(let field): CommandError("'\(shown(field))' contains a NUL character", hint: "take it out")
    case .controlCharacterInText(let field):
        CommandError("'\(shown(field))' contains a line break or a control character", hint: "write it on one line")
    case .unfitName(let name, let fault): wording(of: fault, in: name)
    case .tooMany(let field, let limit): CommandError("'\(shown(field))' has more than \(limit) entries")
    case .tooDeep(let field, let limit): CommandError("'\(shown(field))' is nested deeper than \(limit) levels")
    case .wrongType(let field, let expected): CommandError("'\(shown(field))' must be \(expected)")
    case .missingField(let field): CommandError("'\(shown(field))' is missing", hint: missingHint(field))
    case .invalidName(let field):
        CommandError(
            "'\(shown(field))' must be PROVIDER/MODEL",
            hint: "in visible ASCII characters, at most \(ModelText.maximumBytes) bytes")
    case .unknownMenuKey: CommandError("no prompt of the menu has this key")
    case .importTooLarge(let bytes, let limit):
        CommandError("the file has \(sized(bytes)); at most \(sized(limit)) can be imported")
    case .malformedJSON(let line, let error):
        CommandError(
            line.map { "line \($0) is not JSON: \(words(for: error))" } ?? "not JSON: \(words(for: error))",
            hint: "the program reads strict JSON: no comments, no trailing commas, UTF-8")
    case .unrecognisedFormat:
        CommandError("no persona format is recognised in it", hint: formatHint)
    case .unsupportedFormat(let format):
        CommandError("it is a \(format.rawValue), which cannot be imported", hint: formatHint)
    case .formatMismatch(let expected):
        CommandError("it is not of the format '\(expected.rawValue)'", hint: "leave out --format to have it recognised")
    case .unknownRole(let field): CommandError("'\(shown(field))' has a role that the format does not know")
    case .unknownCardSpec:
        CommandError(
            "'spec' names no Character Card version", hint: "chara_card_v2 and chara_card_v3 are read, and V1 without")
    case .image(let fault): wording(of: fault)
    case .tokenPolicy(let setting): .usage(words(forTokenSetting: setting), hint: "see docs/settings.md")
    case .belowMinimumRun(let spendable, let minimum):
        CommandError(
            "the resident has \(spendable) tokens to spend; a run needs \(minimum)",
            hint: "wait for the next day's allocation")
    }
}

private let formatHint = "native JSON, OpenAI messages, and Character Cards V1 to V3 as JSON or PNG can be imported"

private func missingHint(_ field: String) -> String? {
    field == "name" || field.hasSuffix(".name") ? "give it with --name" : nil
}

private func wording(of fault: DisplayName.Fault, in name: String) -> CommandError {
    let wrong =
        switch fault {
        case .invisible: "has no visible character"
        case .hidden(let scalar):
            "holds the invisible character U+"
                + String(repeating: "0", count: max(0, 4 - String(scalar.value, radix: 16).count))
                + String(scalar.value, radix: 16, uppercase: true)
        case .identifier: "reads as an id or a part of one"
        case .reserved: "is an address of the house's own"
        }
    return CommandError("the name '\(shown(name))' \(wrong)", hint: "give another with --name NAME")
}

private func words(forTokenSetting setting: String) -> String {
    setting == "tokens.minimumRun"
        ? "'tokens.minimumRun' must be at least 1 and at most 'tokens.daily'" : "'\(setting)' is out of range"
}

private func wording(of fault: CardImageFault) -> CommandError {
    switch fault {
    case .notPNG: CommandError("it is not a PNG image")
    case .truncated(let offset): CommandError("the PNG image is cut off inside the chunk at byte \(offset)")
    case .misplacedChunk(let offset): CommandError("the PNG image has a chunk that cannot stand at byte \(offset)")
    case .badChecksum(let offset):
        CommandError(
            "the PNG chunk at byte \(offset) has a wrong checksum", hint: "fetch the card again; it was damaged")
    case .chunkTooLarge(let offset, let limit):
        CommandError("the PNG chunk at byte \(offset) is larger than \(sized(limit))")
    case .tooManyChunks(let limit): CommandError("the PNG image has more than \(limit) chunks")
    case .noCard:
        CommandError(
            "the PNG image carries no character card", hint: "cards lie in text chunks named 'chara' or 'ccv3'")
    case .unsupportedChunk(let type): CommandError("the card lies in a PNG chunk of type '\(type)', which is not read")
    case .invalidBase64: CommandError("the card inside the PNG image is not base64")
    }
}
