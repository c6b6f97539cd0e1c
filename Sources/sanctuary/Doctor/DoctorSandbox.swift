// What `doctor` finds about the sandbox, and about the plugin tools that would run in it.
import Engine
import Sandbox
import Tools

extension Doctor {
    static func sandbox(_ call: Invocation) async -> [DoctorFinding] {
        let survey: SandboxSurvey
        do {
            let home = (try? call.home()).map { [$0.root] } ?? []
            survey = try await call.sandbox().survey(hidden: home)
        } catch {
            return [.error("sandbox", error)]
        }
        if let failure = survey.failure { return [.error("sandbox", failure)] }
        if case .none(let lack) = survey.tier {
            let error = wording(of: SandboxError.unavailable(lack))
            return [.warning("sandbox", "plugin tools are refused: \(error.message)", mend: error.hint)]
        }
        let broken = survey.probes.filter { !$0.holds }
        guard broken.isEmpty else {
            return broken.map { probe in
                .error("sandbox", CommandError("it does not hold that \(probe.name): \(shown(probe.found))"))
            }
        }
        let memory = survey.tier == .a ? "" : ", memory is bounded a process only (no control group)"
        return [
            .ok("sandbox", "tier \(survey.tier), \(survey.probes.count) of \(survey.probes.count) probes hold\(memory)")
        ]
    }

    /// Plugins that residents would be offered, and are not.
    static func plugins(_ shelf: PluginShelf) -> [DoctorFinding] {
        var findings: [DoctorFinding] = shelf.faults.map { .warning("tools", worded($0.error).message, mend: nil) }
        for plugin in shelf.plugins {
            let name = plugin.folder.definition.name
            if case .changed = plugin.state {
                findings.append(
                    .warning(
                        "tools", "the files of \(name) are not those that were accepted; residents are not offered it",
                        mend: "look at them, then 'sanctuary tool accept \(name)'"))
            }
            guard plugin.state == .accepted,
                let missing = plugin.folder.definition.missingProgram(among: plugin.folder.files)
            else { continue }
            findings.append(
                .warning("tools", "\(name) needs \(shown(missing)), which is missing", mend: "install it"))
        }
        return findings
    }
}
