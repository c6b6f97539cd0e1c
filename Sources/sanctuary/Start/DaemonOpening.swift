// The daemon's ways into the home: by the settings as they are in the file now, again after each change.
import Encoding
import Engine
import Files
import Glibc
import HTTPClient
import Providers
import Scheduler

extension Invocation {
    /// The ways into the home; the master key is read once, and again where the settings name another source.
    func daemonEntrance() throws -> DaemonEntrance {
        let paths = try existingHome()
        var remembering = self
        remembering.keyMemory = KeyMemory()
        let entering = remembering
        return DaemonEntrance(
            stamp: { FileStamp(path: paths.settings)?.text ?? "none" },
            prepare: {
                let settings = try Settings.read(of: paths, zones: environment.zones)
                let call = entering.replacing(settings: settings)
                let schedule = NightSchedule(
                    calendar: try call.calendar(), time: try TimeOfDay(settings.nightlyAt),
                    weeklyDay: settings.weeklyDay, catchUpHours: settings.catchUpHours)
                return {
                    let house = try await call.openHouse(.owner)
                    return try call.premises(house, schedule, jobs: settings.nightlyJobs)
                }
            },
            openInDoubt: {
                let settings = try Settings.read(of: paths, zones: environment.zones)
                let utc = try CivilCalendar(zone: "UTC")
                return try await House.open(
                    at: paths, access: .writer, settings: settings.engine, surroundings: surroundings,
                    civilTime: utc.civilTime)
            })
    }

    private func premises(_ house: House, _ schedule: NightSchedule, jobs: Int) throws -> DaemonPremises {
        let routers = NightRouters(call: self)
        return DaemonPremises(
            house: house, schedule: schedule, jobs: jobs,
            engine: { day in
                let router = try await routers.router(for: day)
                return try await engine(house, router, day: day)
            },
            close: {
                await routers.shutdown()
                await house.close()
            })
    }
}

/// The routers of the nights: each has its own, since what one has learnt of a provider holds for that night alone.
private actor NightRouters {
    private let call: Invocation
    private var current: (day: CivilDate, router: ProviderRouter, client: HTTPClient)?

    init(call: Invocation) { self.call = call }

    func router(for day: CivilDate) async throws -> ProviderRouter {
        if let current, current.day == day { return current.router }
        await shutdown()
        let client = try call.makeClient()
        let router = try call.makeRouter(client)
        current = (day, router, client)
        return router
    }

    func shutdown() async {
        guard let old = current else { return }
        current = nil
        await old.router.shutdown()
        await old.client.shutdown()
    }
}

/// What tells one state of a file from the next.
struct FileStamp: Sendable {
    /// Inode, size and time of change.
    let text: String
    /// When it was last written.
    let changed: Instant

    /// The stamp of a file; nil where there is none.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let time = status.st_mtim
        text = "\(status.st_ino) \(status.st_size) \(time.tv_sec) \(time.tv_nsec)"
        changed = Instant(unixMilliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
