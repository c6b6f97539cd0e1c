// A whole home of a test's own: real vault, ledger and rehearsal, with clock and stop in the test's hands.
import Community
import Cryptography
import Encoding
import Engine
import Foundation
import HTTPClient
import Ledger
import Persona
import Providers
import Synchronization
import TestSupport
import Vault

/// A clock that moves by a millisecond at each look and by whatever a test says.
final class TestClock: Sendable {
    private let milliseconds: Mutex<Int64>

    init(_ text: String = "2026-11-21T05:00:00.000Z") {
        milliseconds = Mutex(Instant(rfc3339: text)?.unixMilliseconds ?? 0)
    }

    func advance(days: Int) { milliseconds.withLock { $0 += Int64(days) * 86_400_000 } }

    var source: TimeSource {
        TimeSource(
            now: {
                Instant(
                    unixMilliseconds: self.milliseconds.withLock {
                        $0 += 1
                        return $0
                    })
            }, monotonicNanoseconds: { DispatchTime.now().uptimeNanoseconds })
    }
}

/// The repository that the tests were built in; its texts are what homes are made from.
let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path(percentEncoded: false)

/// Civil time in UTC, which needs no calendar.
let utc = CivilTime(
    day: { CivilDate(daysSinceEpoch: Int64(($0.unixMilliseconds / 86_400_000))) },
    start: { Instant(unixMilliseconds: ($0.daysSinceEpoch + Int64($1)) * 86_400_000) })

/// A home below a temporary directory.
final class TestHome: Sendable {
    let directory: TemporaryDirectory
    let clock = TestClock()
    let surroundings: HomeSurroundings
    let paths: HomePaths
    let settings: EngineSettings

    init(settings: EngineSettings = EngineSettings()) async throws {
        directory = try TemporaryDirectory()
        paths = HomePaths(root: "\(directory.path)/home")
        surroundings = HomeSurroundings(time: clock.source, random: .system, program: "sanctuary test")
        self.settings = settings
        try await House.create(
            at: paths, plan: HomePlan(settings: "{}", templates: repository), surroundings: surroundings)
    }

    func open(_ access: HomeAccess? = nil) async throws -> House {
        let keys = try MasterKeyReader(environmentSecret: { _ in nil })
            .keys(setting: nil, paths: VaultPaths(home: paths.root))
        return try await House.open(
            at: paths, access: access ?? .owner(masterKeys: keys), settings: settings, surroundings: surroundings,
            civilTime: utc)
    }

    /// Runs `body` with the home opened by its owner, and closes it.
    func owned<R: Sendable>(_ body: (House) async throws -> R) async throws -> R {
        let house = try await open()
        do {
            let result = try await body(house)
            await house.close()
            return result
        } catch {
            await house.close()
            throw error
        }
    }

    /// A persona in the native form.
    static func persona(_ name: String, prompt: String = "You like quiet evenings.") throws -> ImportedPersona {
        let json: JSON = ["name": .string(name), "system_prompt": .string(prompt)]
        return try PersonaImport.read(json.serialized(), format: .native, fileName: "\(name).json")
    }

    /// Admits personas that rehearsal speaks for.
    @discardableResult
    static func admit(_ names: [String], prompt: String = "You like quiet evenings.", in house: House) async throws
        -> [AdmittedResident]
    {
        try await house.admit(
            names.map { Admission(persona: try persona($0, prompt: prompt), model: .rehearsal) })
    }

    /// The civil day of the test's clock.
    var today: CivilDate { utc.day(clock.source.now()) }

    /// An engine whose providers are those of `providers` and rehearsal.
    func engine(
        _ house: House, providers: [ProviderSettings] = [], stop: StopSignal = StopSignal(),
        budget: BudgetLimits = BudgetLimits()
    ) throws -> RunEngine {
        let client = try HTTPClient()
        let router = try ProviderRouter(settings: providers, client: client, time: clock.source, sleep: { _ in })
        return RunEngine(house: house, router: router, night: NightBudget(limits: budget), stop: stop)
    }
}

extension CivilTime {
    /// The civil day of an instant in this time, for tests.
    func day(_ instant: Instant) -> CivilDate { CivilDate(daysSinceEpoch: instant.unixMilliseconds / 86_400_000) }
}
