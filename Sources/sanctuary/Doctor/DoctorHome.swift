// What `doctor` finds about the home: permissions, keys, room on the disk, ledger, vault, spool, runs.
import Community
import Encoding
import Engine
import Files
import Glibc
import Ledger
import Vault

extension Doctor {
    private static let lowSpace = 1 << 30
    private static let noSpace = 100 << 20

    static func home(_ call: Invocation) async -> [DoctorFinding] {
        let paths: HomePaths
        do {
            paths = try call.existingHome()
        } catch {
            return [.error("home", error)]
        }
        return [.ok("home", shown(paths.root, limit: 300))] + permissions(paths) + [space(paths)] + spool(paths)
            + (await opened(call))
    }

    private static func permissions(_ paths: HomePaths) -> [DoctorFinding] {
        do {
            var found = try KeyPermission.tooOpen(paths: VaultPaths(home: paths.root)).map { key in
                DoctorFinding.warning(
                    "permissions", "others can reach '\(shown(key.path, limit: 200))': mode \(octal(key.mode))",
                    mend: "chmod \(octal(key.allowedMode)) '\(shown("\(paths.root)/\(key.path)", limit: 300))'")
            }
            let mode = try Files.mode(paths.root)
            if mode & 0o077 != 0 {
                found.append(
                    .warning(
                        "permissions", "others can look into the home: mode \(octal(mode))",
                        mend: "chmod 700 '\(shown(paths.root, limit: 300))'"))
            }
            found += try owners(paths)
            guard found.isEmpty else { return found }
            let owner = try Files.owner(paths.root)
            let whose = owner == Files.currentUser ? "the owner's" : "user \(owner)'s"
            return [.ok("permissions", "home and keys are \(whose) alone")]
        } catch {
            return [.error("permissions", error)]
        }
    }

    /// What of the home is another user's: its owner cannot read it, since every file is its owner's alone.
    private static func owners(_ paths: HomePaths) throws(FileError) -> [DoctorFinding] {
        let owner = try Files.owner(paths.root)
        var foreign: [(path: String, user: UInt32)] = []
        func look(in folder: String, depth: Int) {
            for name in (try? Files.list(folder)) ?? [] {
                let path = "\(folder)/\(name)"
                // A plugin tool may have folders there that are given to the user it runs as.
                if path == paths.tools { continue }
                // What went away meanwhile, as a running night's files do, is nobody's.
                if let user = try? Files.owner(path), user != owner { foreign.append((path, user)) }
                if depth > 0, Files.isDirectory(path) { look(in: path, depth: depth - 1) }
            }
        }
        look(in: paths.root, depth: 4)
        guard let first = foreign.first else { return [] }
        let name = shown(String(first.path.dropFirst(paths.root.utf8.count + 1)), limit: 200)
        let more = foreign.count > 1 ? ", and \(foreign.count - 1) more are not its owner's" : ""
        let home = shown(paths.root, limit: 300)
        return [
            DoctorFinding(
                level: owner == 0 ? .warning : .error, check: "permissions",
                message: "'\(name)' belongs to user \(first.user), the home to user \(owner)\(more)",
                mend: "chown -R --reference='\(home)' '\(home)'")
        ]
    }

    private static func octal(_ mode: UInt32) -> String { String(mode & 0o7777, radix: 8) }

    private static func space(_ paths: HomePaths) -> DoctorFinding {
        var system = statvfs()
        guard statvfs(paths.root, &system) == 0 else {
            return .warning("disk", "it is unknown how much room there is", mend: "look at 'df'")
        }
        let free = Int(clamping: UInt64(system.f_bavail) * UInt64(system.f_frsize))
        if system.f_flag & UInt(ST_RDONLY) != 0 {
            return DoctorFinding(
                level: .error, check: "disk", message: "the file system of the home is read-only",
                mend: "mount it writable")
        }
        if free < noSpace {
            return DoctorFinding(level: .error, check: "disk", message: "\(sized(free)) left", mend: "make room")
        }
        return free < lowSpace
            ? .warning("disk", "\(sized(free)) left", mend: "make room") : .ok("disk", "\(sized(free)) left")
    }

    private static func spool(_ paths: HomePaths) -> [DoctorFinding] {
        do {
            let files = try Files.list(paths.spool)
            let odd = files.filter { !$0.hasSuffix(".letter") && !$0.hasSuffix(".admission") }
            let waiting = files.count - odd.count
            var found: [DoctorFinding] = []
            if !odd.isEmpty {
                let names = shown(odd.prefix(3).joined(separator: ", "))
                found.append(
                    .warning(
                        "spool",
                        "\(counted(odd.count, "file")) could not be taken in: \(names)",
                        mend: "look at them, then move them away"))
            }
            if waiting > 0 {
                found.append(
                    .warning(
                        "spool", "\(counted(waiting, "file")) waiting",
                        mend: "the daemon, or the next 'nightly', 'run' or 'admit', takes them in"))
            }
            return found.isEmpty ? [.ok("spool", "empty")] : found
        } catch {
            return [.error("spool", error)]
        }
    }

    /// What can be seen only with the home opened; beside a running owner without the vault.
    private static func opened(_ call: Invocation) async -> [DoctorFinding] {
        let now = call.surroundings.time.now()
        do {
            return try await call.withHouse(.owner) { house in
                let key: DoctorFinding = .ok("master key", "opens the keyring")
                return [key] + (try await record(house, at: now)) + [try await sealed(house)]
            }
        } catch  where isHeld(error) {
            let held: DoctorFinding = .ok(
                "owner", "another process works in the home; the vault is not tested beside it")
            do {
                return try await call.withHouse(.reader) { [held] + (try await record($0, at: now)) }
            } catch {
                return [held, .error("ledger", error)]
            }
        } catch {
            return [.error("opening", error)]
        }
    }

    private static func record(_ house: House, at now: Instant) async throws -> [DoctorFinding] {
        var found: [DoctorFinding] = []
        let damage = try await house.ledger.quickCheck()
        if damage.isEmpty {
            found.append(.ok("ledger", "\(counted(try await house.ledger.size(), "span")), head and last spans hold"))
        } else {
            found.append(.error("ledger", LedgerError.damaged(damage)))
        }
        found += await nights(house)
        found += await laws(house, at: now)
        let parked = try await house.unfinishedRuns().filter { $0.state == .parked }
        let names = try await house.residents()
        if parked.isEmpty { found.append(.ok("runs", "none parked")) }
        for run in parked {
            let name = names[run.resident]?.name ?? run.resident.description
            let reason = run.reason.map { words(forReason: $0) } ?? "no reason kept"
            found.append(
                .warning(
                    "runs", "run \(run.run) of \(shown(name)) is parked: \(reason)",
                    mend: "mend the cause; the next 'sanctuary nightly' goes on, 'sanctuary runs show' tells more"))
        }
        let troubles = try await house.troubledNights()
        if troubles.isEmpty { found.append(.ok("nights", "nobody went without a run two nights in a row")) }
        for trouble in troubles {
            let name = names[trouble.resident]?.name ?? trouble.resident.description
            found.append(
                .warning(
                    "nights", "\(shown(name)): \(words(for: trouble)), since \(trouble.since)",
                    mend: mend(of: trouble, name: shown(name))))
        }
        return found
    }

    private static func mend(of trouble: NightTrouble, name: String) -> String {
        switch trouble.state {
        case .skipped where trouble.reason == "no_provider":
            "give its model a key or a fallback ('sanctuary provider list'), or give it another model"
        case .failed: "mend the cause, then 'sanctuary run \(name)'; 'sanctuary runs --resident \(name)' lists its runs"
        default: "'sanctuary runs --resident \(name)' lists its runs"
        }
    }

    /// What the daemon's book says of the last month; a home that no daemon worked in has none, nor one that an
    /// older program owns at the moment.
    private static func nights(_ house: House) async -> [DoctorFinding] {
        let book = (try? await house.nights(newest: 30)) ?? []
        let missed = book.filter { $0.state == .missed || $0.reason == MissReason.cutShort.rawValue }
        guard let newest = missed.first else {
            return book.isEmpty ? [] : [.ok("nights", "none missed of the last \(book.count)")]
        }
        let reason = newest.reason.map { ": \(words(forReason: $0))" } ?? ""
        return [
            .warning(
                "nights",
                "\(missed.count) of the last \(counted(book.count, "night")) missed, at last \(newest.day)\(reason)",
                mend: "keep 'sanctuary daemon' running; scripts/systemd has a unit")
        ]
    }

    private static func sealed(_ house: House) async throws -> DoctorFinding {
        let result = try house.openedVault().verify(await house.expectations(of: nil), isComplete: true)
        guard let first = result.faults.first else {
            return .ok("vault", "\(counted(result.checked, "sealed file")), all as the ledger says")
        }
        return DoctorFinding(
            level: .integrity, check: "vault",
            message: "\(counted(result.faults.count, "fault")), the first: \(words(for: first))",
            mend: "'sanctuary vault verify' names each; 'sanctuary vault restore DIR' brings back a backup")
    }
}
