// Self-deletion's promise, and backups: what comes back, and what never does (B-48, B-49, S4-12, S4-84).
import Cryptography
import Encoding
import Files
import Glibc
import TestSupport
import Testing

@testable import Vault

@Suite struct DeletionTests {
    static let one = VaultFixture.identifier(1)
    static let two = VaultFixture.identifier(2)
    let fixture: VaultFixture
    let before: KeyringState
    let generations: [Identifier: Generation]
    /// Everything of t0: blobs and keys, the epoch secret included.
    let earlier: TemporaryDirectory

    init() async throws {
        fixture = try VaultFixture()
        before = try fixture.admit([Self.one, Self.two])
        var generations: [Identifier: Generation] = [:]
        for resident in [Self.one, Self.two] {
            generations[resident] = try await fixture.vault.seal(
                resident: resident, after: nil, package: secret(resident.bytes))
        }
        self.generations = generations
        earlier = try TemporaryDirectory()
        try copyTree(fixture.home, to: earlier.path)
    }

    private func delete() throws -> KeyringState {
        let change = try fixture.vault.prepareKeyring(removing: [Self.two])
        try fixture.vault.commit(change)
        return change.state
    }

    private func openEarlier(_ state: KeyringState?) throws -> Vault {
        try Vault.open(
            home: earlier.path, masterKeys: [try VaultFixture.master()],
            expecting: state.map { LedgerKeyring(vault: fixture.vault.id, state: $0) },
            surroundings: VaultFixture.surroundings())
    }

    @Test("with blobs and keyring of before, today's master key and today's epoch secret, nothing comes back")
    func nothingComesBack() throws {
        _ = try delete()
        #expect(throws: VaultError.unknownResident(Self.two)) {
            _ = try fixture.vault.open(resident: Self.two, expecting: try require(generations[Self.two]))
        }
        let oldSecret = try readFile(VaultPaths(home: earlier.path).epoch)
        let newSecret = try readFile(fixture.paths.epoch)
        #expect(oldSecret != newSecret)
        try writeFile(VaultPaths(home: earlier.path).epoch, newSecret)
        for state in [before, nil] {
            #expect {
                _ = try openEarlier(state)
            } throws: { fault(of: $0)?.field == "epoch secret" }
        }
        // With the old epoch secret it does: level D0 promises no more, and the documents say so.
        try writeFile(VaultPaths(home: earlier.path).epoch, oldSecret)
        let opened = try openEarlier(before).open(
            resident: Self.two, expecting: try require(generations[Self.two]))
        #expect(exposed(opened) == Self.two.bytes)
    }

    @Test("the old keyring in the place of the new one is a roll-back, whatever epoch secret lies beside it")
    func oldKeyring() throws {
        let after = try delete()
        let (old, current) = (VaultPaths(home: earlier.path), fixture.paths)
        try writeFile(current.keyring, try readFile(old.keyring))
        #expect {
            _ = try fixture.reopened(after)
        } throws: { kind(of: $0) == .rolledBack }
        try writeFile(current.epoch, try readFile(old.epoch))
        #expect {
            _ = try fixture.reopened(after)
        } throws: { kind(of: $0) == .rolledBack }
    }

    @Test("the old epoch secret is overwritten in place before the new one takes its name")
    func overwrittenInPlace() throws {
        let hold = "\(fixture.home)/held"
        // A second name for the same file shows what became of its bytes.
        #expect(Glibc.link(fixture.paths.epoch, hold) == 0)
        let old = try readFile(hold)
        _ = try delete()
        let remains = try readFile(hold)
        #expect(remains.count == old.count)
        #expect(zip(remains, old).filter { $0 == $1 }.count < 16)
    }

    @Test("what a restore set aside is erased with its resident, and nobody else's")
    func setAside() throws {
        let directory = fixture.paths.setAside
        #expect(Glibc.mkdir(directory, 0o700) == 0)
        let mine = "\(directory)/\(VaultFixture.identifier(9)).\(Self.two.hexDigits).3.blob"
        let others = "\(directory)/\(VaultFixture.identifier(8)).\(Self.one.hexDigits).3.blob"
        for path in [mine, others] { try writeFile(path, [UInt8](repeating: 7, count: 5_000)) }
        let hold = "\(fixture.home)/held"
        // A second name for the same file shows what became of its bytes.
        #expect(Glibc.link(mine, hold) == 0)
        _ = try delete()
        try fixture.vault.erase(resident: Self.two)
        #expect(throws: (any Error).self) { try readFile(mine) }
        #expect(try readFile(others) == [UInt8](repeating: 7, count: 5_000))
        #expect(try readFile(hold).count { $0 == 7 } < 500)
    }

    @Test("who stays can still be opened and sealed after a deletion")
    func othersUnaffected() async throws {
        let after = try delete()
        try fixture.vault.erase(resident: Self.two)
        let vault = try fixture.reopened(after)
        let last = try require(generations[Self.one])
        #expect(exposed(try vault.open(resident: Self.one, expecting: last)) == Self.one.bytes)
        let next = try await vault.seal(resident: Self.one, after: last, package: secret([7]))
        #expect(exposed(try vault.open(resident: Self.one, expecting: next)) == [7])
    }
}

@Suite struct BackupTests {
    static let one = VaultFixture.identifier(1)
    static let two = VaultFixture.identifier(2)
    let fixture: VaultFixture
    let expected: [ResidentExpectation]
    let backup: TemporaryDirectory
    let restored: TemporaryDirectory

    init() async throws {
        fixture = try VaultFixture()
        _ = try fixture.admit([Self.one, Self.two])
        var expected: [ResidentExpectation] = []
        for resident in [Self.one, Self.two] {
            let generation = try await fixture.vault.seal(
                resident: resident, after: nil, package: secret(resident.bytes))
            expected.append(ResidentExpectation(resident: resident, generation: generation))
        }
        self.expected = expected
        backup = try TemporaryDirectory()
        restored = try TemporaryDirectory()
    }

    private func passphrase(_ words: String = "a long passphrase") throws -> MasterKey {
        try VaultFixture.master(words)
    }

    private func restoreKeys(
        _ passphrase: MasterKey, deletions: VaultBackup.Deletions = .init(lastEpoch: nil, residents: [])
    ) throws -> KeyringState {
        try VaultBackup.restoreKeys(
            from: backup.path, passphrase: passphrase, home: restored.path,
            masterKey: try .raw(secret([UInt8](repeating: 5, count: 32)), source: "new"), vault: fixture.vault.id,
            lastState: fixture.vault.keyringState, deletions: deletions, surroundings: VaultFixture.surroundings())
    }

    @Test("blobs and keys come back in another home, under another master key")
    func wholeWay() throws {
        let signing = try HomeKeys.createNodeKey(paths: fixture.paths, random: .system)
        let house = try HomeKeys.createHouseKey(paths: fixture.paths, random: .system)
        let copied = try VaultBackup.copyBlobs(
            home: fixture.home, to: backup.path, vault: fixture.vault.id, residents: expected)
        #expect(copied == 2)
        #expect(!Files.exists(VaultPaths(home: backup.path).keys))
        let kept = try fixture.vault.backupKeys(to: backup.path, passphrase: try passphrase())
        #expect(kept.epoch == fixture.vault.keyringState.epoch)
        #expect(
            try Files.list(VaultPaths(home: backup.path).keys) == [
                "epoch", "house.x25519.sealed", "keyring", "node.ed25519.sealed",
            ])
        _ = try VaultBackup.restoreBlobs(
            from: backup.path, home: restored.path, vault: fixture.vault.id, residents: expected)
        let state = try restoreKeys(try passphrase())
        #expect(state.epoch == fixture.vault.keyringState.epoch + 1)
        let vault = try Vault.open(
            home: restored.path, masterKeys: [try .raw(secret([UInt8](repeating: 5, count: 32)), source: "new")],
            expecting: LedgerKeyring(vault: fixture.vault.id, state: state),
            surroundings: VaultFixture.surroundings())
        #expect(try vault.verify(expected, isComplete: true).isSound)
        #expect(try Files.list(vault.paths.keys) == ["epoch", "house.x25519", "keyring", "node.ed25519"])
        #expect(try HomeKeys.nodeKey(paths: vault.paths).publicKey == signing.publicKey)
        let isSame = try HomeKeys.houseKey(paths: vault.paths).bytes.constantTimeEquals(house.bytes)
        #expect(isSame)
    }

    @Test("the home's own epoch secret and keyring key are not in the backup")
    func separate() throws {
        _ = try fixture.vault.backupKeys(to: backup.path, passphrase: try passphrase())
        let paths = VaultPaths(home: backup.path)
        #expect(try readFile(paths.epoch) != readFile(fixture.paths.epoch))
        #expect(throws: VaultError.self) {
            _ = try Vault.open(
                home: backup.path, masterKeys: [try VaultFixture.master()], expecting: nil,
                surroundings: VaultFixture.surroundings())
        }
        #expect(throws: VaultError.wrongPassphrase) { _ = try restoreKeys(try passphrase("another")) }
    }

    @Test("a keyring older than the last deletion, or with a deleted resident's key, is refused")
    func deletions() throws {
        _ = try fixture.vault.backupKeys(to: backup.path, passphrase: try passphrase())
        #expect(throws: VaultError.keyringOlderThanDeletion(backup: 1, deletion: 2)) {
            _ = try restoreKeys(try passphrase(), deletions: .init(lastEpoch: 2, residents: [Self.two]))
        }
        #expect(throws: VaultError.keyringHoldsDeleted(Self.two)) {
            _ = try restoreKeys(try passphrase(), deletions: .init(lastEpoch: 1, residents: [Self.two]))
        }
        #expect(!Files.exists(VaultPaths(home: restored.path).keyringNext))
    }

    @Test("of a deleted resident no blob is copied; a copy can be repeated; another file or a damaged blob stops it")
    func blobs() throws {
        let deleted = [expected[0], ResidentExpectation(resident: Self.two, generation: nil)]
        #expect(
            try VaultBackup.copyBlobs(
                home: fixture.home, to: backup.path, vault: fixture.vault.id, residents: deleted) == 1)
        #expect(
            try VaultBackup.copyBlobs(
                home: fixture.home, to: backup.path, vault: fixture.vault.id, residents: deleted) == 1)
        let copy = VaultPaths(home: backup.path).file(BlobName(Self.one, .generation(0)))
        try writeFile(copy, [1])
        #expect(throws: VaultError.alreadyExists(path: copy)) {
            try VaultBackup.copyBlobs(
                home: fixture.home, to: backup.path, vault: fixture.vault.id, residents: deleted)
        }
        #expect(try readFile(copy) == [1])
        let file = fixture.paths.file(BlobName(Self.two, .generation(0)))
        var bytes = try readFile(file)
        bytes[100] ^= 1
        try writeFile(file, bytes)
        #expect {
            try VaultBackup.copyBlobs(
                home: fixture.home, to: restored.path, vault: fixture.vault.id, residents: [expected[1]])
        } throws: { kind(of: $0) == .altered }
    }

    @Test("keys are backed up under a passphrase alone")
    func rawKeyRefused() throws {
        #expect(throws: VaultError.unusablePassphrase(source: "test")) {
            _ = try fixture.vault.backupKeys(to: backup.path, passphrase: try VaultFixture.master())
        }
    }
}
