// `sanctuary vault backup` and `restore`: cold copies, worthless without keys.
import Encoding
import Engine
import Files
import Ledger
import Vault

extension Commands {
    private static let passphraseFile = OptionSpecification.value(
        "passphrase-file", "FILE", "the passphrase is the first line of FILE (else it is asked for)", kind: .file)

    static let vaultBackup = CommandSpecification(
        name: "backup", summary: "blobs, ledger and texts into an empty directory; keys only with --with-keys",
        operands: "DIR", operandKind: .directory, minimumOperands: 1, maximumOperands: 1,
        options: [.flag("with-keys", "the keys too, under a passphrase"), passphraseFile],
        details: """
            Without --with-keys the backup opens only together with keys/ of this home: keep a copy of them elsewhere.
            Who has a backup with keys and its passphrase has the residents of that day, also those deleted later.
            """
    ) { call in
        let directory = call.operand(0) ?? ""
        try call.checkDirectoryToWrite(directory)
        let withKeys = call.arguments.has("with-keys")
        guard withKeys || call.arguments.value("passphrase-file") == nil else {
            throw CommandError.usage("--passphrase-file has a meaning only with --with-keys", hint: "add --with-keys")
        }
        let report = try await call.withHouse(withKeys ? .owner : .writer) { house in
            try await house.backUp(to: directory, keysUnder: withKeys ? try passphrase(call, isNew: true) : nil)
        }
        show(report, "backed up", directory, call.output)
        return .success
    }

    static let vaultRestore = CommandSpecification(
        name: "restore", summary: "bring a home back, or single blobs of one that stands", operands: "DIR",
        operandKind: .directory, minimumOperands: 1, maximumOperands: 1,
        options: [
            passphraseFile,
            .flag("accept-loss", "bring back a backup although the lost ledger was longer; recorded"),
            .value(
                "master", "SOURCE",
                "the master key of the restored home, as for init (else MASTER_ENCRYPTION_KEY, else a fresh one)"),
        ],
        details: """
            Where the home has its ledger, blobs that are missing or damaged come back, if the backup has the ones that
            the ledger names; damaged files are set aside in vault/set-aside. Where it has none, the whole home comes
            back: its keys from keys/ if they are there, else from the backup, under its passphrase.
            A keyring older than the ledger's last deletion is refused.
            Where the master key is at hand, every sealed file is then opened and checked, as by 'vault verify': what
            does not open is named and stays where it was put, exit code 4.
            """
    ) { call in
        let directory = call.operand(0) ?? ""
        let paths = try call.home()
        guard Files.isDirectory("\(directory)/vault") else {
            throw CommandError(
                "there is no backup at '\(shown(directory, limit: 300))'",
                hint: "name a directory that 'sanctuary vault backup' wrote")
        }
        if Files.exists(paths.ledger) {
            return try await call.withHouse(.owner) { house in
                let report = try await house.restoreBlobs(from: directory)
                if !call.output.isJSON { call.output.result("put back \(counted(report.blobs, "sealed file"))") }
                let findings = Findings(try await house.verifyVault(of: nil))
                return conclude(report, paths, .success(findings), call.output)
            }
        }
        let report: BackupReport
        do {
            report = try await House.restore(
                from: directory, to: paths, keys: try restoredKeys(call, paths, directory),
                acceptsLoss: call.arguments.has("accept-loss"), surroundings: call.surroundings)
        } catch EngineError.ledger(.rolledBack(let named, _, let found, _)) {
            throw CommandError(
                "the backup holds \(counted(found, "span")), the lost ledger held \(named) by its head",
                hint: "restore a newer backup; where there is none, --accept-loss gives up the spans after it",
                code: .integrity)
        }
        if !call.output.isJSON { show(report, "restored", paths.root, call.output) }
        if !Files.exists(paths.settings) {
            call.output.warning(
                "the backup holds no settings, and no command works in the home without them",
                hint: "write '\(shown(paths.settings, limit: 300))'; '{}' in it means the standard settings")
        }
        return conclude(report, paths, await verified(call, paths), call.output)
    }

    /// Opens all that a restored home holds, with the settings and keys that it now has.
    private static func verified(_ call: Invocation, _ paths: HomePaths) async -> Result<Findings, CommandError> {
        do {
            let settings = try Settings.read(of: paths, zones: call.environment.zones)
            return .success(
                try await call.replacing(settings: settings).withHouse(.owner) {
                    Findings(try await $0.verifyVault(of: nil))
                })
        } catch {
            return Findings(error).map { .success($0) } ?? .failure(worded(error))
        }
    }

    /// Says whether what was restored opens; what could not be verified is no failure of the restore, and is said last.
    private static func conclude(
        _ report: BackupReport, _ paths: HomePaths, _ verified: Result<Findings, CommandError>, _ output: Output
    ) -> ExitCode {
        switch verified {
        case .success(let findings):
            if output.isJSON {
                var facts = facts(report, paths.root)
                facts["verified"] = true
                facts["faults"] = findings.faults
                output.document(.object(facts))
                return findings.count == 0 ? .success : .integrity
            }
            return findings.show("sealed file", output)
        case .failure(let reason):
            if output.isJSON {
                var facts = facts(report, paths.root)
                facts["verified"] = false
                output.document(.object(facts))
            }
            output.warning(
                "what the sealed files hold was not verified: \(reason.message)",
                hint: "'sanctuary vault verify' does it, once the master key is at hand")
            return .success
        }
    }

    /// Keys that come from the backup; nil where the home has its own.
    private static func restoredKeys(
        _ call: Invocation, _ paths: HomePaths, _ directory: String
    ) throws -> RestoredKeys? {
        let vaultPaths = VaultPaths(home: paths.root)
        if Files.exists(vaultPaths.keyring) { return nil }
        guard Files.exists(VaultPaths(home: directory).keyring) else {
            throw CommandError(
                "neither '\(shown(paths.keys, limit: 300))' nor the backup holds the keys",
                hint: "put a copy of keys/ there first; a backup without them opens nothing")
        }
        let standard = MasterKeySource.environment(MasterKeySource.standardVariable)
        var source = try call.arguments.value("master").map { try MasterKeySource(setting: $0) }
        if source == nil, call.secrets.has(MasterKeySource.standardVariable) { source = standard }
        if source == nil, Files.exists(vaultPaths.masterKey) { source = .file(vaultPaths.masterKey) }
        return RestoredKeys(
            passphrase: try passphrase(call, isNew: false),
            masterKey: try source.map { try call.masterKeyReader(isNew: true).read($0) })
    }

    private static func passphrase(_ call: Invocation, isNew: Bool) throws -> MasterKey {
        let source = call.arguments.value("passphrase-file").map { MasterKeySource.passphraseFile($0) }
        do throws(VaultError) {
            return try call.masterKeyReader(isNew: isNew).read(source ?? .passphrasePrompt)
        } catch {
            let said = wording(of: error)
            guard case .noPrompt = error else { throw said }
            throw said.hinting("name the file whose first line it is with --passphrase-file FILE")
        }
    }

    private static func facts(_ report: BackupReport, _ place: String) -> JSONObject {
        [
            "directory": .string(place), "blobs": .integer(Int64(report.blobs)),
            "spans": .integer(Int64(report.spans)), "keys": .bool(report.hasKeys),
        ]
    }

    private static func show(_ report: BackupReport, _ what: String, _ place: String, _ output: Output) {
        if output.isJSON {
            return output.document(.object(facts(report, place)))
        }
        let keys = report.hasKeys ? "with keys" : "without keys"
        output.result(
            "\(what) \(counted(report.blobs, "sealed file")) and a ledger of \(counted(report.spans, "span")), "
                + "\(keys): "
                + shown(place, limit: 300))
    }
}
