// The survey that `doctor` prints: its probes hold here, and are not blind.
import Encoding
import Sandbox
import TestSupport
import Testing

@Suite(.enabled(if: Probe.isPossible, Probe.need)) struct SurveyTests {
    @Test func everyProbeHolds() async throws {
        let sandbox = try #require(Probe.sandbox)
        let survey = await sandbox.survey(hidden: ["/etc/hostname"])
        #expect(survey.probes.count == 10 && survey.failure == nil)
        for probe in survey.probes { #expect(probe.holds, "\(probe.name): \(probe.found)") }
    }

    @Test func aProbeFindsWhatIsThere() async throws {
        let sandbox = try #require(Probe.sandbox)
        let survey = await sandbox.survey(hidden: ["/usr"])
        let broken = survey.probes.filter { !$0.holds }
        #expect(broken.map(\.name) == ["the host's files are not there"] && broken.first?.found == "/usr")
        #expect(!survey.holds)
    }

    @Test func aMachineWithoutBubblewrapSaysSo() async throws {
        let sandbox = try Sandbox(paths: SandboxPaths(bubblewrap: "/absent/bwrap"), time: .system)
        let survey = await sandbox.survey()
        #expect(survey.tier == .none(.bubblewrap) && survey.probes.isEmpty)
    }
}
