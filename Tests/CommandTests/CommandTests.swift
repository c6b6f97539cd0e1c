// Every transcript in the folder beside this file, played against the real program.
import Glibc
import TestSupport
import Testing

@Suite struct CommandTests {
    /// The transcripts' names.
    static let names: [String] = (try? Transcript.names()) ?? []

    @Test func thereAreTranscripts() { #expect(Self.names.count >= 10) }

    @Test(arguments: names) func transcript(_ name: String) async throws {
        let transcript = try Transcript(name: name)
        let played = try await transcript.play()
        if getenv("SANCTUARY_TRANSCRIPTS") != nil {
            // Writing is for whoever changed a text on purpose; the change is then read in the diff.
            try writeFile(transcript.path, Array(played.utf8))
        }
        #expect(played == transcript.text, "transcript \(name)")
    }
}
