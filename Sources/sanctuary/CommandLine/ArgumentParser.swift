// Reads the command line against the specifications; every mistake names the offending word and the nearest right one.
import Encoding

/// A command line that was understood.
struct ParsedArguments: Sendable, Equatable {
    /// The words of the command, such as `["vault", "verify"]`; empty when none was given.
    var command: [String] = []
    var flags: Set<String> = []
    var values: [String: [String]] = [:]
    var operands: [String] = []

    func has(_ flag: String) -> Bool { flags.contains(flag) }
    func value(_ option: String) -> String? { values[option]?.last }
    func list(_ option: String) -> [String] { values[option] ?? [] }
}

/// The parser: options may stand anywhere after the words that they belong to, `--` ends them.
struct ArgumentParser: Sendable {
    let commands: [CommandSpecification]

    /// What has been read so far.
    private struct Progress {
        var parsed = ParsedArguments()
        var candidates: [CommandSpecification]
        var current: CommandSpecification?
        var words: ArraySlice<String>
    }

    /// Reads the words after the program's name.
    func parse(_ words: [String]) throws(CommandError) -> ParsedArguments {
        var progress = Progress(candidates: commands, words: words[...])
        var optionsEnded = false
        while let word = progress.words.popFirst() {
            if optionsEnded {
                progress.parsed.operands.append(word)
            } else if word == "--" {
                optionsEnded = true
            } else if word == "-h" {
                progress.parsed.flags.insert("help")
            } else if word.hasPrefix("--") {
                try readOption(word, &progress)
            } else if word.hasPrefix("-"), word != "-" {
                throw .usage("unknown option '\(shown(word))'", hint: "options begin with two dashes")
            } else if !progress.candidates.isEmpty {
                guard let found = progress.candidates.first(where: { $0.name == word }) else {
                    throw unknownCommand(word, progress.parsed.command, progress.candidates)
                }
                progress.parsed.command.append(word)
                progress.current = found
                progress.candidates = found.subcommands
            } else {
                progress.parsed.operands.append(word)
            }
        }
        let parsed = progress.parsed
        if let current = progress.current, !parsed.has("help"), !parsed.has("version") { try check(parsed, current) }
        return parsed
    }

    private func readOption(_ word: String, _ progress: inout Progress) throws(CommandError) {
        let body = word.dropFirst(2)
        let name = String(body.prefix { $0 != "=" })
        let inline = body.count > name.count ? String(body.dropFirst(name.count + 1)) : nil
        let known = (progress.current?.options ?? []) + CommandSpecification.everywhere
        guard let option = known.first(where: { $0.name == name }) else {
            let nearest = nearestName(to: name, among: known.map(\.name))
            throw .usage(
                "unknown option '--\(shown(name))'",
                hint: nearest.map { "did you mean '--\($0)'?" } ?? "see '\(program(progress.parsed.command)) --help'")
        }
        guard let valueName = option.value else {
            guard inline == nil else { throw .usage("'--\(name)' takes no value", hint: "write '--\(name)'") }
            progress.parsed.flags.insert(name)
            return
        }
        if let inline, !inline.isEmpty {
            progress.parsed.values[name, default: []].append(inline)
        } else if inline == nil, let next = progress.words.first, !next.isEmpty, !next.hasPrefix("--") {
            progress.parsed.values[name, default: []].append(next)
            progress.words.removeFirst()
        } else {
            throw .usage("'--\(name)' needs a value", hint: "write '--\(name) \(valueName)'")
        }
        while option.isRepeated, let next = progress.words.first, !next.hasPrefix("-") {
            progress.parsed.values[name, default: []].append(next)
            progress.words.removeFirst()
        }
    }

    private func check(_ parsed: ParsedArguments, _ command: CommandSpecification) throws(CommandError) {
        let name = parsed.command.joined(separator: " ")
        if !command.subcommands.isEmpty, command.act == nil {
            let words = command.subcommands.map(\.name).joined(separator: ", ")
            throw .usage("'\(name)' needs one more word", hint: "one of: \(words)")
        }
        let usage = "usage: sanctuary \(name)" + (command.operands.isEmpty ? "" : " \(command.operands)")
        if parsed.operands.count < command.minimumOperands {
            throw .usage("'\(name)' needs \(command.operands)", hint: usage)
        }
        if parsed.operands.count > command.maximumOperands {
            let surplus = parsed.operands[command.maximumOperands]
            throw .usage("'\(name)' does not take '\(shown(surplus))'", hint: usage)
        }
    }

    private func unknownCommand(
        _ word: String, _ before: [String], _ candidates: [CommandSpecification]
    ) -> CommandError {
        let nearest = nearestName(to: word, among: candidates.filter { !$0.isHidden }.map(\.name))
        let full = (before + [shown(word)]).joined(separator: " ")
        return .usage(
            "unknown command '\(full)'",
            hint: nearest.map { "did you mean '\((before + [$0]).joined(separator: " "))'?" }
                ?? "see '\(program(before)) --help'")
    }

    private func program(_ words: [String]) -> String { (["sanctuary"] + words).joined(separator: " ") }
}

/// A word of the command line or of a file as an error may show it: one line, no control characters, not endless.
func shown(_ word: String, limit: Int = 80) -> String {
    let line = TextSafety.forTerminal(word).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    guard line.count > limit || line.unicodeScalars.count > 4 * limit else { return line }
    // A character may carry any number of marks: they are bounded too.
    return String(String.UnicodeScalarView(line.prefix(limit).unicodeScalars.prefix(4 * limit))) + "…"
}
