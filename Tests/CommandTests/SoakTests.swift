// The short form of `scripts/soak`: a few random deaths of a small night; the long one is for a quiet machine.
import TestSupport
import Testing

@Suite(.enabled(if: ReferenceScript.isReady, Comment(rawValue: ReferenceScript.whyNot)))
struct SoakTests {
    @Test("whatever is killed at random moments, every guarantee holds at the end (engine.md, the suite that decides)")
    func randomDeaths() async throws {
        let result = try await ReferenceScript.run(
            "scripts/soak", ["--program", ReferenceScript.binary, "--kills", "8", "--residents", "12", "--jobs", "4"])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("soak: 8 kills"))
        #expect(result.output.hasSuffix("every guarantee holds\n"))
    }
}
