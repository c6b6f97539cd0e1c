// One rule for a model's name: what an option takes, a run can use.
import TestSupport
import Testing

@Suite struct ModelNameTests {
    private let long = "rehearsal/" + String(repeating: "m", count: 190)

    @Test func oneRuleHoldsWhereverAModelIsNamed() async throws {
        let place = try await Place()
        // What the option takes, the package takes too.
        let admitted = try await place.run("admit", "Ada.json", "--name", "Bea", "--model", long)
        #expect(admitted.code == 0, "\(admitted)")
        #expect(try await place.run("model", "Ada", long).code == 0)
        #expect(try await place.run("run", "Ada", "Bea").code == 0)
        let longer = long + "m"
        for words in [
            ["admit", "Ada.json", "--name", "Cleo", "--model", longer],
            ["admit", "Ada.json", "--name", "Cleo", "--model", longer, "--dry-run"], ["model", "Ada", longer],
        ] {
            let result = try await place.binary.run(
                words, environment: ["SANCTUARY_HOME": place.home], in: place.directory.path)
            #expect(result.code == 2, "\(result)")
            #expect(result.errors.contains("'rehearsal/mmm") && result.errors.contains("201 bytes of at most 200"))
        }
        try writeFile("\(place.home)/sanctuary.json", Array(#"{ fallback: ["\#(longer)"] }"#.utf8))
        let settings = try await place.run("residents")
        #expect(settings.code == 2 && settings.errors.contains("201 bytes of at most 200"), "\(settings)")
    }
}
