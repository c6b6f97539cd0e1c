// The engine with its providers, for commands that run residents or ask models.
import Encoding
import Engine
import HTTPClient
import Providers
import Scheduler

extension Invocation {
    /// Runs a body with a router over the settings' providers.
    func withRouter<R>(_ body: (ProviderRouter) async throws -> R) async throws -> R {
        let client = try makeClient()
        let router = try makeRouter(client)
        do {
            let result = try await body(router)
            await router.shutdown()
            await client.shutdown()
            return result
        } catch {
            await router.shutdown()
            await client.shutdown()
            throw error
        }
    }

    /// A client with a connection for every request that the settings allow at once, as far as open files reach.
    func makeClient() throws -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        let wanted = try settings().allProviders.reduce(0) { $0 + $1.concurrency }
        let files = Int(clamping: ProcessStart.fileLimit.now) - ProcessStart.otherFiles
        configuration.maximumConnections = max(64, min(max(configuration.maximumConnections, wanted), files))
        return try HTTPClient(configuration: configuration)
    }

    /// A router over the settings' providers.
    func makeRouter(_ client: HTTPClient) throws -> ProviderRouter {
        try ProviderRouter(
            settings: settings().allProviders, client: client, time: surroundings.time, random: surroundings.random,
            sleep: patience, patienceMilliseconds: Int64(try settings().patienceMinutes) * 60_000,
            isStopping: { [stop] in stop.isRequested })
    }

    /// Waits between attempts, but not on after a stop was asked for: nobody is to sit out a back-off of minutes.
    private var patience: Sleep {
        { [stop] milliseconds in
            var left = milliseconds
            while left > 0 {
                guard !stop.isRequested else { throw CancellationError() }
                let step = min(left, 200)
                try await systemSleep(milliseconds: step)
                left -= step
            }
        }
    }

    /// What a command that runs residents works with.
    struct Workshop: Sendable {
        let house: House
        let engine: RunEngine
        let router: ProviderRouter
        let lines: RunLines
    }

    /// An engine for the runs of a day, which share what the budget leaves of it.
    ///
    /// What earlier starts of the same night spent counts; the engine's own reading needs a house first.
    func engine(_ house: House, _ router: ProviderRouter, day: CivilDate) async throws -> RunEngine {
        let limits = house.settings.budget
        let spent = try await RunEngine(house: house, router: router, night: NightBudget(limits: limits)).spent(on: day)
        return RunEngine(
            house: house, router: router, night: NightBudget(limits: limits, alreadySpent: spent), stop: stop)
    }

    /// Opens the home with its keys, takes up what was interrupted and what waits in the spool, and runs the body.
    func withWorkshop<R>(on day: CivilDate, _ body: (Workshop) async throws -> R) async throws -> R {
        try await withHouse(.owner) { house in
            try await withRouter { router in
                let engine = try await engine(house, router, day: day)
                report(try await engine.recover())
                // The residents' night does not depend on what others left at the door.
                do throws(EngineError) {
                    report(try await house.takeInSpool())
                } catch {
                    report(SpoolReport(fault: error))
                }
                let lines = RunLines(paint: output.paint) { router.isRehearsal($0) }
                let result = try await body(Workshop(house: house, engine: engine, router: router, lines: lines))
                await engine.finishBatches()
                return result
            }
        }
    }

    private func report(_ recovery: RecoveryReport) {
        if recovery.resumed > 0 { output.note("took up \(counted(recovery.resumed, "interrupted run"))") }
        if recovery.parked > 0 {
            output.warning("\(counted(recovery.parked, "run")) parked: the program died three times inside each")
        }
    }

    /// Says what was taken out of the spool, and what could not be.
    func report(_ spool: SpoolReport) {
        if spool.letters > 0 { output.note("took in \(counted(spool.letters, "letter")) from the spool") }
        for resident in spool.admitted {
            output.note("admitted \(shown(resident.name)) (\(resident.id)) from the spool, model \(resident.model)")
        }
        for refusal in spool.refused {
            let error = worded(refusal.error)
            output.warning("spool/\(shown(refusal.file)) was refused: \(error.message)", hint: error.hint)
        }
        if let fault = spool.fault {
            let error = worded(fault)
            output.warning("not all of the spool was taken in; the rest waits: \(error.message)", hint: error.hint)
        }
    }
}
