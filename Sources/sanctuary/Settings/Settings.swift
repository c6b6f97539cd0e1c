// The settings file as typed values; read once, here, and handed down.
import Engine
import Persona
import Providers
import Scheduler
import Vault

/// What the operator set, with the defaults of interface.md where nothing was.
struct Settings: Sendable {
    /// What runs depend on.
    var engine = EngineSettings()
    /// When the nights begin.
    var nightlyAt = Settings.defaultNightlyAt
    /// How many runs at once.
    var nightlyJobs = 16
    /// How long a night in all goes on with a provider that gives nothing.
    var patienceMinutes = 60
    /// How long after its time the newest night is made up for, in hours.
    var catchUpHours = 20
    /// The day of the larger run, as a lower-case English name.
    var weeklyDay = "sunday"
    /// The providers that the file names.
    var providers: [ProviderSettings] = []
    /// Files of laws that the operator keeps; what they say holds once it was proposed and approved.
    var laws: [String] = []
    /// Where the master key comes from; nil looks at the usual places.
    var master: MasterKeySource?

    /// The most runs at once that the settings and `--jobs` allow.
    static let jobs = 1...10_000
    static let defaultNightlyAt = "06:00"
    static let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

    /// The top-level keys and what stands below them.
    static let keys: [String: [String]] = [
        "timezone": [], "nightly": ["at", "jobs", "catchUpHours", "patienceMinutes", "batchHours"],
        "budget": ["run", "residentDay", "night"],
        "tokens": ["daily", "bankCap", "minimumRun"], "weekly": ["day"], "run": ["maxRounds", "maxToolCallsPerTurn"],
        "providers": [], "fallback": [], "master": [], "laws": [], "law": ["timeLockHours", "quorum"],
    ]

    /// Settings that have their meaning in later versions: silence about them would pretend that they have an effect.
    static let laterKeys = ["preamble", "server"]

    /// The providers of the file and those that a documented variable is enough for.
    var allProviders: [ProviderSettings] {
        let named = Set(providers.map(\.name))
        let usual: [ProviderSettings] = [
            ProviderSettings(name: "anthropic", dialect: .anthropic),
            ProviderSettings(name: "openai", dialect: .openai),
            .rehearsal,
        ]
        return providers + usual.filter { !named.contains($0.name) }
    }
}
