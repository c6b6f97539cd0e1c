// Reads the settings file: JSON5, every key known, every value of its kind; a mistake names the key.
import Encoding
import Engine
import Files
import Law
import Persona
import Providers
import Scheduler
import Vault

extension Settings {
    /// The most that a settings file may have, in bytes.
    static let maximumBytes = 1 << 20

    /// Reads the file of a home; the defaults where there is no home.
    ///
    /// A home whose file is gone has lost its limits, its zone and its providers, and must not go on without them.
    static func read(of paths: HomePaths, zones: ZoneDirectory = .system) throws(CommandError) -> Settings {
        let path = paths.settings
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try Files.read(path, maximumBytes: maximumBytes)
        } catch {
            if error.isMissing {
                guard Files.exists(paths.ledger) else { return Settings() }
                throw CommandError.usage(
                    "the settings of this home are missing: '\(shown(path, limit: 300))'",
                    hint: "put the file back, from a backup if need be; '{}' in it means the standard settings "
                        + "('sanctuary init' does not make it again)")
            }
            if error.isTooLarge {
                throw CommandError.usage(
                    "the settings are larger than \(sized(maximumBytes))",
                    hint: "see docs/settings.md for what they hold"
                ).about(path)
            }
            throw wording(of: error)
        }
        do throws(CommandError) { return try Settings(json5: bytes, zones: zones) } catch { throw error.about(path) }
    }

    /// Reads the text of a settings file.
    init(json5 bytes: [UInt8], zones: ZoneDirectory = .system) throws(CommandError) {
        let json: JSON
        do throws(JSONError) {
            json = try JSON.parse(
                bytes, limits: JSONLimits(maximumBytes: Self.maximumBytes, maximumDepth: 16), dialect: .json5)
        } catch {
            throw CommandError(
                words(for: error), hint: "the file is JSON with comments and trailing commas", code: .usage)
        }
        guard let object = json.object else { throw .usage("the settings are not an object") }
        self.init()
        for key in object.keys {
            if Self.laterKeys.contains(key) {
                throw .usage("the setting '\(key)' has no effect in this version", hint: "take it out")
            }
            guard Self.keys[key] != nil else {
                throw unknownSetting(key, among: Array(Self.keys.keys).sorted(), below: "")
            }
        }
        try read(SettingsSection(object), zones)
    }

    private mutating func read(_ all: SettingsSection, _ zones: ZoneDirectory) throws(CommandError) {
        if let zone = try all.text("timezone") {
            do throws(CalendarError) { _ = try CivilCalendar(zone: zone, in: zones) } catch {
                // Whether a zone exists cannot be told without data; whoever needs the day will find it missing.
                if case .unknownZone = error {
                    throw .usage("'timezone' names no zone: '\(escaped(zone))'", hint: "write one as \"Europe/Paris\"")
                }
            }
            engine.timezone = zone
        }
        let nightly = try all.section("nightly")
        if let at = try nightly?.text("at") {
            do throws(CalendarError) { nightlyAt = try TimeOfDay(at).description } catch {
                throw .usage("'nightly.at' is no time of day: '\(escaped(at))'", hint: "write it as \"06:00\"")
            }
        }
        if let jobs = try nightly?.whole("jobs", in: Self.jobs) { nightlyJobs = jobs }
        if let hours = try nightly?.whole("catchUpHours", in: 0...23) { catchUpHours = hours }
        if let minutes = try nightly?.whole("patienceMinutes", in: 1...1_440) { patienceMinutes = minutes }
        if let hours = try nightly?.whole("batchHours", in: 1...48) {
            engine.batchWaitMilliseconds = Int64(hours) * 3_600_000
        }
        let budget = try all.section("budget")
        engine.budget = BudgetLimits(
            run: try budget?.money("run"), residentDay: try budget?.money("residentDay"),
            night: try budget?.money("night"))
        try readTokens(all.section("tokens"))
        if let day = try all.section("weekly")?.choice("day", among: Self.weekdays) { weeklyDay = day }
        let run = try all.section("run")
        engine.maximumRounds = try run?.whole("maxRounds", in: 1...100) ?? engine.maximumRounds
        engine.maximumToolCallsPerTurn =
            try run?.whole("maxToolCallsPerTurn", in: 1...100) ?? engine.maximumToolCallsPerTurn
        if let source = try all.text("master") {
            do throws(VaultError) { master = try MasterKeySource(setting: source) } catch { throw wording(of: error) }
        }
        laws = try all.texts("laws") ?? []
        let law = try all.section("law")
        engine.lawTimeLockHours =
            try law?.whole("timeLockHours", in: LawRegister.leastHours...8_760) ?? engine.lawTimeLockHours
        engine.lawQuorum = try law?.whole("quorum", in: 1...100) ?? engine.lawQuorum
        try readProviders(all.object("providers"))
        try readFallback(all.texts("fallback"))
    }

    private mutating func readTokens(_ tokens: SettingsSection?) throws(CommandError) {
        guard let tokens else { return }
        let largest = TokenPolicy.largest
        let daily = try tokens.whole("daily", in: 1...largest) ?? engine.dailyTokens
        let cap = try tokens.whole("bankCap", in: 0...largest) ?? engine.bankCap
        let minimum = try tokens.whole("minimumRun", in: 1...largest) ?? engine.minimumRunTokens
        do throws(PersonaError) {
            _ = try TokenPolicy(daily: daily, bankCap: cap, minimumRun: minimum)
        } catch {
            let said = wording(of: error)
            throw CommandError(
                "\(said.message), found \(minimum) of \(daily) a day", hint: said.hint, code: said.code)
        }
        engine.dailyTokens = daily
        engine.bankCap = cap
        engine.minimumRunTokens = minimum
    }

    private mutating func readProviders(_ all: JSONObject?) throws(CommandError) {
        for (name, json) in all ?? JSONObject() {
            guard let object = json.object else { throw mistaken("providers.\(shown(name))", "an object", json) }
            do throws(ProviderSettingsFault) {
                providers.append(try ProviderSettings(name: name, json: object))
            } catch {
                throw wording(of: error, provider: name, in: object)
            }
            guard name != ProviderSettings.rehearsal.name || providers.last?.dialect == .rehearsal else {
                throw .usage(
                    "'providers.\(name)' is the stand-in's name, and cannot be a provider of another dialect",
                    hint: "name the provider otherwise")
            }
        }
    }

    private mutating func readFallback(_ names: [String]?) throws(CommandError) {
        let known = allProviders
        for (index, text) in (names ?? []).enumerated() {
            guard let model = ModelName(text) else {
                throw noModel(text).about("'fallback[\(index)]'")
            }
            guard let provider = known.first(where: { $0.name == model.provider }) else {
                throw unknownProvider(model.provider, among: known.map(\.name)).about("'fallback[\(index)]'")
            }
            guard provider.dialect != .rehearsal else {
                throw .usage(
                    "'fallback[\(index)]' is rehearsal, which never stands in for a model",
                    hint: "take it out; 'sanctuary admit --model rehearsal/rehearsal' admits a resident to rehearsal")
            }
            engine.fallback.append(model)
        }
    }
}
