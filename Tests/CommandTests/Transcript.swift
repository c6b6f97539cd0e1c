// A transcript: commands, what was done to the home between them, and what the program answered.
//
//   # a comment                       kept as it is
//   $ init --json                     runs the program; words are split at blanks, '…' and "…" keep them together
//   < a line                          standard input of the command above
//   > a line                          what it printed on standard output
//   ! a line                          what it printed on standard error
//   ? 2                               its exit code, where it is not 0
//   = NAME=value                      a variable for all commands below; an empty value takes it away
//   @ act arguments                   something that happens to files; the acts are in TranscriptActs.swift
//
// Ids, hashes, times and durations are masked (`Mask`), so that a transcript is the same on every day.
import FoundationEssentials
import TestSupport

struct Transcript: Sendable {
    let path: String
    let text: String

    private static let folder =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        .joined(separator: "/") + "/Transcripts"

    static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".txt") }.sorted()
    }

    init(name: String) throws {
        path = "\(Self.folder)/\(name)"
        text = String(decoding: try readFile(path), as: UTF8.self)
    }

    /// Plays all commands in a folder of their own, and gives the transcript as it went.
    func play() async throws -> String {
        let stage = try Stage()
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var played: [String] = []
        for (index, line) in lines.enumerated() {
            switch line.first {
            case "$":
                let input = lines[(index + 1)...].prefix { $0.hasPrefix("<") }
                played.append(line)
                played += input
                let text = input.map { $0.dropFirst(2) + "\n" }.joined()
                played += try await stage.run(Self.words(String(line.dropFirst(2))), input: text)
            case "=":
                stage.set(String(line.dropFirst(2)))
                played.append(line)
            case "@":
                try stage.act(Self.words(String(line.dropFirst(2))))
                played.append(line)
            case ">", "!", "?", "<": break
            default: played.append(line)
            }
        }
        return played.joined(separator: "\n")
    }

    /// Splits a line into words.
    static func words(_ line: String) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in line {
            if let open = quote {
                if character == open { quote = nil } else { word?.append(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character == " " {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        return words + (word.map { [$0] } ?? [])
    }
}
