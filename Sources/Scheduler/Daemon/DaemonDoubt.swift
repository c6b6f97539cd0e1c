// When the daemon changes nothing: a clock that was set, a clock before the record, zone data that is missing.
import Encoding
import Engine

extension Daemon {
    /// The first way into the home; nil when told to stop before there was one.
    ///
    /// Without the zone's rules the home is held all the same, so that nobody else begins a night either.
    func enter(_ mind: inout Mind) async throws -> DaemonPremises? {
        mind.stamp = entrance.stamp()
        do {
            let opening = try entrance.prepare()
            mind.opening = opening
            return try await opening()
        } catch let error as CalendarError where error.isDoubt {
            let house = try await entrance.openInDoubt()
            do {
                try await begin(.zone(error), house, &mind)
                mind.isInDoubt = true
                notifier.ready("in doubt: no time zone data")
                while !stop.isRequested {
                    await pause(rhythm.poll)
                    if let opening = try? entrance.prepare() {
                        mind.stamp = entrance.stamp()
                        await house.close()
                        tell(.settled)
                        mind.isInDoubt = false
                        mind.opening = opening
                        return try await opening()
                    }
                }
            } catch {
                await house.close()
                throw error
            }
            await house.close()
            return nil
        }
    }

    private func begin(_ doubt: Doubt, _ house: House, _ mind: inout Mind) async throws {
        // Nights that a clock set ahead has passed over fell into the doubt as well.
        var since = time.now()
        if case .clockJumped(let step) = doubt, step > 0 { since = since.adding(milliseconds: -step) }
        mind.doubtedSince = min(mind.doubtedSince ?? since, since)
        tell(.doubt(doubt))
        notifier.status("in doubt: \(doubt.kind)")
        switch doubt {
        case .clockJumped(let step), .clockBehind(let step):
            try await house.note(incident: doubt.kind, concerning: "clock", found: .string("\(step) ms"))
        case .zone: try await house.note(incident: doubt.kind, concerning: "time zone")
        }
    }

    /// A clock that is before what the ledger knows was set back, or was wrong before.
    func compareWithRecord(_ house: House, _ mind: inout Mind) async throws {
        let steady = time.monotonicNanoseconds()
        _ = mind.clock.look(wall: time.now(), steady: steady)
        guard let last = try await house.lastRecorded() else { return }
        let behind = last.milliseconds(since: time.now())
        guard behind > rhythm.clockTolerance else { return }
        mind.clock.doubt(at: steady)
        mind.isInDoubt = true
        try await begin(.clockBehind(milliseconds: behind), house, &mind)
    }

    /// Whether the wall clock can be believed now.
    func isClockCertain(_ house: House, _ mind: inout Mind) async throws -> Bool {
        switch mind.clock.look(wall: time.now(), steady: time.monotonicNanoseconds()) {
        case .jumped(let step):
            mind.isInDoubt = true
            mind.waitingFor = nil
            try await begin(.clockJumped(milliseconds: step), house, &mind)
            return false
        case .settling: return false
        case .steady:
            if mind.isInDoubt {
                mind.isInDoubt = false
                tell(.settled)
            }
            return true
        }
    }

    /// Whether the zone's rules are still there, as they were; new ones are taken by opening the home again.
    func isZoneCertain(_ premises: inout DaemonPremises, _ mind: inout Mind) async throws -> Bool {
        let calendar: CivilCalendar
        do throws(CalendarError) {
            calendar = try premises.schedule.calendar.refreshed()
        } catch {
            // Told once; every look tries again.
            if !mind.isZoneInDoubt {
                mind.isZoneInDoubt = true
                try await begin(.zone(error), premises.house, &mind)
            }
            return false
        }
        if mind.isZoneInDoubt {
            mind.isZoneInDoubt = false
            tell(.settled)
        }
        guard calendar != premises.schedule.calendar else { return true }
        premises = try await reopened(premises, try entrance.prepare(), &mind).premises
        return false
    }

    /// The premises by the settings as they are now, where those changed and can be used.
    func reloaded(_ premises: DaemonPremises, _ mind: inout Mind) async throws -> DaemonPremises {
        let stamp = entrance.stamp()
        let isAsked = reload.take()
        guard isAsked || stamp != mind.stamp else { return premises }
        mind.stamp = stamp
        notifier.reloading(monotonicNanoseconds: time.monotonicNanoseconds())
        defer { notifier.ready("at work") }
        let opening: DaemonOpening
        do {
            opening = try entrance.prepare()
        } catch {
            tell(.reloadRefused(error))
            return premises
        }
        let (fresh, isNew) = try await reopened(premises, opening, &mind)
        mind.waitingFor = nil
        if isNew { tell(.reloaded) }
        return fresh
    }

    /// Closes the home and opens it the new way or, where that does not lead in, the old way again.
    private func reopened(
        _ premises: DaemonPremises, _ opening: @escaping DaemonOpening, _ mind: inout Mind
    ) async throws -> (premises: DaemonPremises, isNew: Bool) {
        await premises.close()
        do {
            let fresh = try await patiently(opening)
            mind.opening = opening
            return (fresh, true)
        } catch {
            guard let old = mind.opening else { throw error }
            tell(.reloadRefused(error))
            return (try await patiently(old), false)
        }
    }

    /// Opens the home, though another process may be at its door for a moment.
    private func patiently(_ opening: DaemonOpening) async throws -> DaemonPremises {
        var attempts = 0
        while true {
            do {
                return try await opening()
            } catch let error as EngineError where error.isHeld && attempts < 30 {
                attempts += 1
                await pause(1_000)
            }
        }
    }
}

extension CalendarError {
    /// Whether the data is at fault, and not the name of the zone.
    var isDoubt: Bool {
        switch self {
        case .missingZoneData, .damagedZone: true
        case .unknownZone, .malformedTime, .cron: false
        }
    }
}
