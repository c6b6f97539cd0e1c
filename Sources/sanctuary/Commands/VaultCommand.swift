// `sanctuary vault`: the sealed residents; inspect and backups have files of their own.
import Community
import Encoding
import Engine
import Vault

extension Commands {
    static let vault = CommandSpecification(
        name: "vault", summary: "the sealed residents and their keys",
        subcommands: [vaultInspect, vaultVerify, vaultBackup, vaultRestore, vaultAdopt, vaultRotateMaster])

    private static let vaultVerify = CommandSpecification(
        name: "verify", summary: "every blob against the ledger and its tag; names each fault", operands: "[RESIDENT]",
        operandKind: .resident,
        maximumOperands: 1,
        details:
            "Opens each sealed file, releases nothing, and compares it with the ledger. Exit code 4 where a fault is."
    ) { call in
        do {
            return try await call.withHouse(.owner) { house in
                let resident = try await call.operand(0).asyncMap { try await house.residents().chosen($0).id }
                return Findings(try await house.verifyVault(of: resident)).show("sealed file", call.output)
            }
        } catch {
            guard let findings = Findings(error) else { throw error }
            return findings.show("sealed file", call.output)
        }
    }

    private static let vaultRotateMaster = CommandSpecification(
        name: "rotate-master", summary: "new master and keyring key, every PEK re-wrapped, the old ones destroyed",
        options: [
            .value(
                "new", "SOURCE",
                "where the new key is: file:PATH, env:NAME, passphrase, passphrase:FILE, credential:NAME")
        ],
        details: """
            Where the home keeps its key in keys/master.key, a fresh one is written there. Where it comes from
            elsewhere, name the new one with --new, and the setting 'master' afterwards.
            """
    ) { call in
        let replacement = try replacement(call)
        return try await call.withHouse(.owner) { house in
            let state = try await house.rotateMaster(replacement)
            let source =
                replacement.isKeptInHome
                ? "file:\(VaultPaths(home: house.paths.root).masterKey)" : replacement.key.source
            if call.output.isJSON {
                call.output.document([
                    "epoch": .integer(Int64(clamping: state.epoch)),
                    "keyring": .string("blake3:\(Hex.encode(state.hash))"),
                    "masterKey": .string(source),
                ])
            } else {
                call.output.result(
                    "the master key is new, epoch \(state.epoch); it comes from \(shown(source, limit: 300))")
                call.output.note("the old master key opens nothing any more; keep a copy of the new one elsewhere")
            }
            return .success
        }
    }

    private static func replacement(_ call: Invocation) throws -> MasterReplacement {
        if let text = call.arguments.value("new") {
            let source = try MasterKeySource(setting: text)
            return MasterReplacement(key: try call.masterKeyReader(isNew: true).read(source), isKeptInHome: false)
        }
        let path = VaultPaths(home: try call.home().root).masterKey
        let kept = MasterKeySource.file(path).text
        let current = try call.masterKeys().first?.source ?? kept
        guard current == kept else {
            throw CommandError.usage(
                "the master key comes from \(shown(current, limit: 300)), which this program does not write",
                hint: "name the new one with --new SOURCE")
        }
        return MasterReplacement(key: .fresh(random: call.surroundings.random, source: kept), isKeptInHome: true)
    }
}
