// When the daemon asks the laws of midnight: at the first instant of each civil day, and after a start for all missed.
import Encoding
import Engine

extension Daemon {
    /// Midnights of all zones in use fall on quarters of an hour of UTC, so that these are when it looks.
    private static let quarter: Int64 = 900_000

    /// Asks the laws of midnight once in each quarter of an hour, and at the first look.
    ///
    /// What keeps them from deciding keeps no resident from its night; the next quarter asks again.
    ///
    /// - Returns: false where the zone's data is in doubt, and nothing may change.
    func askMidnights(_ premises: inout DaemonPremises, _ mind: inout Mind) async throws -> Bool {
        let quarter = time.now().unixMilliseconds / Self.quarter
        guard mind.quarterAsked != quarter else { return true }
        guard try await isZoneCertain(&premises, &mind) else { return false }
        mind.quarterAsked = quarter
        var report: MidnightReport
        do throws(EngineError) {
            report = try await premises.house.ruleMidnights(premises.schedule.calendar.zoneDays)
        } catch {
            if error.isIntegrityFailure { throw error }
            tell(.fault(error))
            return true
        }
        let doubts = report.doubts
        if doubts == mind.toldMidnightDoubts { report.doubts = [] }
        mind.toldMidnightDoubts = doubts
        if !report.days.isEmpty || !report.doubts.isEmpty { tell(.midnights(report)) }
        return true
    }

    /// A pause cut short where a civil day may begin.
    func untilMidnight(_ milliseconds: Int) -> Int {
        let left = Self.quarter - time.now().unixMilliseconds % Self.quarter
        return min(milliseconds, Int(clamping: left))
    }
}
