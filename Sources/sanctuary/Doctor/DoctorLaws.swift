// What `doctor` finds about laws: what ends soon, what waits for people or for time, and whom laws told something.
import Encoding
import Engine
import Law

extension Doctor {
    /// Nothing where nothing changes and nobody was told anything.
    static func laws(_ house: House, at now: Instant) async -> [DoctorFinding] {
        do {
            let register = try await house.lawRegister()
            return ends(register, at: now) + waiting(register, at: now) + (try await house.lawNotices()).map(told)
        } catch {
            return [.error("laws", error)]
        }
    }

    /// Files of the setting `laws` that cannot be read; a law that stands in one can be neither proposed nor compared.
    static func lawFiles(_ paths: [String]) -> [DoctorFinding] {
        paths.compactMap { path in
            do {
                _ = try LawFile(path: path)
                return nil
            } catch {
                let said = worded(error)
                return .warning(
                    "laws",
                    "the file '\(shown(path, limit: 300))' of the setting 'laws' cannot be used: \(said.message)",
                    mend: said.hint ?? "mend the file, or take it out of the setting")
            }
        }
    }

    private static func ends(_ register: LawRegister, at now: Instant) -> [DoctorFinding] {
        register.ends(at: now).map { ending in
            .warning(
                "laws", "\(ending.law.text.id) ends at \(Amounts.instant(ending.end))",
                mend: "where something is to take its place, 'sanctuary law propose FILE' in time")
        }
    }

    private static func waiting(_ register: LawRegister, at now: Instant) -> [DoctorFinding] {
        register.proposals.filter { $0.deprecation == nil }.compactMap { proposal in
            let id = proposal.law.text.id
            let missing = proposal.quorum - proposal.approvals.count
            if missing > 0 {
                return .warning(
                    "laws", "\(id) waits for the approval of \(counted(missing, "more person", "more people"))",
                    mend: "'sanctuary law approve \(id)', or 'sanctuary law deprecate \(id)'")
            }
            guard let from = proposal.inForceFrom, from > now else { return nil }
            return .ok("laws", "\(id) waits for its time lock until \(Amounts.instant(from))")
        }
    }

    private static func told(_ notice: LawNotice) -> DoctorFinding {
        .warning(
            "laws",
            "\(notice.law) tells \(shown(notice.roles.joined(separator: ", "))) of '\(shown(notice.name))'"
                + " (\(notice.thing)): \(notice.triage) on \(notice.day)",
            mend: "'sanctuary deliverable list' says where it stands")
    }
}
