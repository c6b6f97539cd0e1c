// What the vault's tests share: replayed randomness, stopped steps, homes of their own.
import Cryptography
import Encoding
import Glibc
import Synchronization
import TestSupport
import Vault

/// Random bytes that were decided beforehand, in order; running out traps.
final class Replay: Sendable {
    private let parts: Mutex<[[UInt8]]>

    init(_ parts: [[UInt8]]) { self.parts = Mutex(parts) }

    var source: RandomSource {
        RandomSource { buffer in
            self.parts.withLock { parts in
                precondition(parts.first?.count == buffer.count, "the replay does not fit the draw")
                buffer.copyBytes(from: parts.removeFirst())
            }
        }
    }

    var isUsedUp: Bool { parts.withLock { $0.isEmpty } }
}

/// Stops the work after the nth passing of a step, once, as a kill would.
final class StepStop: Sendable {
    struct Stopped: Error {}
    private let armed = Mutex<VaultStep?>(nil)
    private let passed = Mutex<[VaultStep]>([])

    func arm(_ step: VaultStep?) { armed.withLock { $0 = step } }

    var steps: [VaultStep] { passed.withLock { $0 } }

    func pass(_ step: VaultStep) throws {
        passed.withLock { $0.append(step) }
        let isHit = armed.withLock { armed in
            defer { if armed == step { armed = nil } }
            return armed == step
        }
        if isHit { throw Stopped() }
    }
}

/// A home with a vault in a temporary directory.
struct VaultFixture {
    static let masterBytes = [UInt8](0..<32)
    let directory: TemporaryDirectory
    let stop = StepStop()
    let vault: Vault

    var home: String { directory.path }
    var paths: VaultPaths { VaultPaths(home: home) }

    init(passphrase: String? = nil) throws {
        directory = try TemporaryDirectory()
        vault = try Vault.create(
            home: directory.path, id: Self.identifier(0xFA), masterKey: try Self.master(passphrase),
            surroundings: Self.surroundings(stop))
    }

    static func master(_ passphrase: String? = nil) throws -> MasterKey {
        if let passphrase {
            return try .passphrase(SecretBytes(copying: Array(passphrase.utf8)), source: "passphrase")
        }
        return try .raw(SecretBytes(copying: masterBytes), source: "test")
    }

    static func surroundings(_ stop: StepStop = StepStop(), random: RandomSource = .system) -> VaultSurroundings {
        let identifiers = IdentifierSource(time: .system, random: .system)
        return VaultSurroundings(
            random: random, time: .system, nextIdentifier: { identifiers.next() },
            passphraseCost: PassphraseCost(operations: 1, memoryKiB: 8), afterStep: { try stop.pass($0) })
    }

    static func identifier(_ number: UInt64) -> Identifier { Identifier(high: 0x019A_9D3C_8C00_7000, low: number) }

    /// Admits residents: keyring change, as the engine does it.
    func admit(_ residents: [Identifier]) throws -> KeyringState {
        let change = try vault.prepareKeyring(adding: residents)
        try vault.commit(change)
        return change.state
    }

    /// Opens the same home again, as the next start of the program.
    func reopened(
        _ last: KeyringState?, master: MasterKey? = nil, stop: StepStop = StepStop()
    ) throws -> Vault {
        try Vault.open(
            home: home, masterKeys: [try master ?? Self.master()],
            expecting: last.map { LedgerKeyring(vault: vault.id, state: $0) },
            surroundings: Self.surroundings(stop))
    }
}

/// The bytes of a secret, for comparisons in tests.
func exposed(_ secret: borrowing SecretBytes) -> [UInt8] { secret.withUnsafeBytes { Array($0) } }

/// A secret of these bytes.
func secret(_ bytes: [UInt8]) -> SecretBytes { SecretBytes(copying: bytes) }

/// The bytes of a fixture's keyring.
func readKeyring(_ fixture: VaultFixture) throws -> [UInt8] { try readFile(fixture.paths.keyring) }

/// The fault inside an error.
func fault(of error: any Error) -> VaultFault? {
    if case .fault(let fault) = error as? VaultError { fault } else { nil }
}

/// The kind of the fault inside an error.
func kind(of error: any Error) -> VaultFault.Kind? { fault(of: error)?.kind }

/// Removes a file.
func removeFile(_ path: String) throws {
    guard unlink(path) == 0 else { throw StepStop.Stopped() }
}

/// Sets a file's permission bits.
func changeMode(_ path: String, _ mode: UInt32) throws {
    guard chmod(path, mode) == 0 else { throw StepStop.Stopped() }
}
