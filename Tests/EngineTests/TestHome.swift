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
import SQLite
import Sandbox
import Synchronization
import TestSupport
import Testing
import Vault

/// A clock that moves by a millisecond at each look and by whatever a test says.
final class TestClock: Sendable {
    private let milliseconds: Mutex<Int64>

    init(_ text: String = "2026-11-21T05:00:00.000Z") {
        milliseconds = Mutex(Instant(rfc3339: text)?.unixMilliseconds ?? 0)
    }

    func advance(hours: Int) { milliseconds.withLock { $0 += Int64(hours) * 3_600_000 } }

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
    let clock: TestClock
    let paths: HomePaths
    let settings: EngineSettings

    /// Makes a home; below a folder of the test's own choice where it names one.
    init(
        settings: EngineSettings = EngineSettings(), clock: TestClock = TestClock(), below folder: String? = nil
    ) async throws {
        directory = try TemporaryDirectory()
        paths = HomePaths(root: "\(folder ?? directory.path)/home")
        self.clock = clock
        self.settings = settings
        try await House.create(
            at: paths, plan: HomePlan(settings: "{}", templates: repository),
            surroundings: Self.surroundings(clock))
    }

    static func surroundings(
        _ clock: TestClock, atStep: @escaping @Sendable (HomeStep) throws -> Void = { _ in }
    ) -> HomeSurroundings {
        HomeSurroundings(time: clock.source, random: .system, program: "sanctuary test", atStep: atStep)
    }

    func open(
        _ access: HomeAccess? = nil, settings: EngineSettings? = nil,
        atStep: @escaping @Sendable (HomeStep) throws -> Void = { _ in },
        makeSandbox: (@Sendable () -> Sandbox?)? = nil
    ) async throws -> House {
        try await Self.open(
            paths.root, access, settings: settings ?? self.settings, clock: clock, atStep: atStep,
            makeSandbox: makeSandbox)
    }

    /// Opens a home that lies somewhere already; its owner's keys where no other access is asked for.
    static func open(
        _ root: String, _ access: HomeAccess? = nil, settings: EngineSettings = EngineSettings(), clock: TestClock,
        atStep: @escaping @Sendable (HomeStep) throws -> Void = { _ in },
        makeSandbox: (@Sendable () -> Sandbox?)? = nil
    ) async throws -> House {
        let paths = HomePaths(root: root)
        let keys = try MasterKeyReader(environmentSecret: { _ in nil }).keys(
            setting: nil, paths: VaultPaths(home: root))
        return try await House.open(
            at: paths, access: access ?? .owner(masterKeys: keys), settings: settings,
            surroundings: surroundings(clock, atStep: atStep), civilTime: utc,
            makeSandbox: makeSandbox)
    }

    /// Runs `body` with the home opened by its owner, and closes it.
    func owned<R: Sendable>(
        settings: EngineSettings? = nil, _ body: (House) async throws -> R
    ) async throws -> R {
        try await open(settings: settings).closing(after: body)
    }

    /// A persona in the native form.
    static func persona(_ name: String, prompt: String = "You like quiet evenings.") throws -> ImportedPersona {
        try persona(["name": .string(name), "system_prompt": .string(prompt)])
    }

    /// A persona of any native JSON.
    static func persona(_ json: JSON) throws -> ImportedPersona {
        try PersonaImport.read(json.serialized(), format: .native, fileName: "persona.json")
    }

    /// Admits personas that rehearsal, or another model, speaks for.
    @discardableResult
    static func admit(
        _ names: [String], prompt: String = "You like quiet evenings.", model: ModelName = .rehearsal, in house: House
    ) async throws -> [AdmittedResident] {
        try await house.admit(names.map { Admission(persona: try persona($0, prompt: prompt), model: model) })
    }

    /// The civil day of the test's clock.
    var today: CivilDate { utc.day(clock.source.now()) }

    /// An engine whose providers are those of `providers` and rehearsal.
    func engine(
        _ house: House, providers: [ProviderSettings] = [], stop: StopSignal = StopSignal(),
        budget: BudgetLimits = BudgetLimits(), alreadySpent: Int64 = 0, textPatienceMilliseconds: Int64 = 2_000
    ) throws -> RunEngine {
        try Self.engine(
            house, providers: providers, clock: clock, stop: stop,
            night: NightBudget(limits: budget, alreadySpent: alreadySpent),
            textPatienceMilliseconds: textPatienceMilliseconds)
    }

    static func engine(
        _ house: House, providers: [ProviderSettings], clock: TestClock, stop: StopSignal = StopSignal(),
        night: NightBudget = NightBudget(limits: BudgetLimits()), textPatienceMilliseconds: Int64 = 2_000
    ) throws -> RunEngine {
        let router = try ProviderRouter(
            settings: providers, client: HTTPClient(), time: clock.source, sleep: { _ in },
            isStopping: { stop.isRequested })
        return RunEngine(
            house: house, router: router, night: night, stop: stop,
            textPatienceMilliseconds: textPatienceMilliseconds)
    }
}

extension TestHome {
    /// The files of all residents in the vault, below `vault/blobs`.
    func blobs() throws -> [String] {
        let files = FileManager.default.enumerator(atPath: "\(paths.vault)/blobs")
        return (files?.allObjects ?? []).compactMap { $0 as? String }.filter { $0.contains(".") }.sorted()
    }
}

extension String {
    /// The text without blanks at its ends.
    var trimmingSpaces: String { trimmingCharacters(in: .whitespaces) }
}

extension RunEngine {
    /// Runs a resident as the directory has it now.
    func run(_ id: Identifier, _ trigger: RunTrigger = .nightly, on day: CivilDate) async throws -> RunReport {
        guard let resident = try await house.residents()[id] else { throw EngineError.residentUnknown(id) }
        return await run(resident, trigger: trigger, day: day)
    }
}

extension House {
    /// The faults of ledger and vault together, told as they are found; none in a sound home.
    func faults() async throws -> [String] {
        let found =
            try await ledger.verify().faults.map { "\($0)" } + verifyVault(of: nil).faults.map { "\($0)" }
        for fault in found { Issue.record("\(fault)") }
        return found
    }

    /// All spans of some kinds, oldest first.
    func spans(_ types: EntityType...) async throws -> [Span] {
        try await ledger.spans(Ledger.Query(types: types, limit: 10_000))
    }

    /// The names of the journal's steps, of all runs.
    func journalSteps() async throws -> [String] {
        try await ledger.read { try $0.rows("SELECT name FROM journal ORDER BY run, step", []) { $0.text(0) } }
    }

    /// How many sealed payloads the ledger keeps.
    func sealedPayloads() async throws -> Int64 {
        try await ledger.read { try $0.integer("SELECT count(*) FROM sealed_payload") ?? -1 }
    }

    /// The package of a resident, as the ledger's truth names it.
    func package(of resident: Identifier) async throws -> PersonaPackage {
        let truth = try #require(try await ledger.truth(of: resident))
        let generation = Generation(number: UInt64(truth.generation), headerHash: truth.header)
        return try PersonaPackage.parse(openedVault().open(resident: resident, expecting: generation))
    }
}

extension CivilTime {
    /// The civil day of an instant in this time, for tests.
    func day(_ instant: Instant) -> CivilDate { CivilDate(daysSinceEpoch: instant.unixMilliseconds / 86_400_000) }
}
