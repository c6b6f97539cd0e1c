// What `doctor` finds about the settings: the zone, the providers and their keys.
import Encoding
import Engine
import Providers
import Scheduler

extension Doctor {
    static func settings(_ call: Invocation) -> [DoctorFinding] {
        let settings: Settings
        do {
            settings = try call.settings()
        } catch {
            return [.error("settings", error)]
        }
        return [zone(call, settings)] + providers(settings) + [budget(settings)] + lawFiles(settings.laws)
    }

    private static func zone(_ call: Invocation, _ settings: Settings) -> DoctorFinding {
        let name = settings.engine.timezone
        do {
            let calendar = try CivilCalendar(zone: name, in: call.environment.zones)
            let next = calendar.next(try TimeOfDay(settings.nightlyAt), after: call.surroundings.time.now())
            return .ok("time zone", "\(name); the next night begins \(Amounts.instant(next))")
        } catch {
            return .error("time zone", error)
        }
    }

    private static func providers(_ settings: Settings) -> [DoctorFinding] {
        let real = settings.allProviders.filter { $0.dialect != .rehearsal }
        let named = Set(settings.providers.map(\.name))
        var found: [DoctorFinding] = []
        for provider in real {
            let hasKey = provider.key.read() != nil
            if hasKey {
                found.append(.ok("provider \(provider.name)", "key in \(Commands.key(provider))"))
            } else if case .absent = provider.key {
                found.append(.ok("provider \(provider.name)", "\(provider.baseURL), without a key"))
            } else if named.contains(provider.name) {
                found.append(
                    .warning(
                        "provider \(provider.name)", "no key: \(Commands.key(provider))",
                        mend: "set it, then 'sanctuary provider check \(provider.name)'"))
            }
        }
        guard found.isEmpty else { return found }
        return [
            .warning(
                "providers", "no provider has a key: residents are admitted to rehearsal, which is for trying",
                mend: "set ANTHROPIC_API_KEY or OPENAI_API_KEY, or add a provider to the settings")
        ]
    }

    private static func budget(_ settings: Settings) -> DoctorFinding {
        let budget = settings.engine.budget
        guard budget.needsPrices else { return .ok("budget", "no limit is set") }
        let run = budget.run.map { Amounts.dollars(picoUSD: $0) } ?? "no limit"
        let night = budget.night.map { Amounts.dollars(picoUSD: $0) } ?? "no limit"
        let day = budget.residentDay.map { ", a resident's day: " + Amounts.dollars(picoUSD: $0) } ?? ""
        return .ok("budget", "a run: \(run), a night: \(night)\(day)")
    }
}
