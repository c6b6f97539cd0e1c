// The keyring: who may open it, how a wrong key is told from damage, and what a roll-back looks like.
import Cryptography
import Encoding
import TestSupport
import Testing

@testable import Vault

@Suite struct KeyringTests {
    static let residents = (1...3).map { VaultFixture.identifier($0) }

    @Test("entries stay sorted, each with a key of its own, and bulk admission is one write")
    func admission() throws {
        let fixture = try VaultFixture()
        #expect(fixture.vault.keyringState.epoch == 1)
        let state = try fixture.admit(Self.residents.reversed())
        #expect(fixture.stop.steps.filter { $0 == .keyringRenamed }.count == 1)
        #expect(fixture.vault.residents == Self.residents)
        #expect(fixture.vault.keyringState == state)
        #expect(state.epoch == 1)
        #expect(state.hash == BLAKE3.hash(try readKeyring(fixture)))
        #expect(try readKeyring(fixture).count == 32 + 4 + 128 + 4 + 3 * 145 + 32)
        let ids = try Self.residents.map { try fixture.vault.pekID(of: $0) }
        #expect(Set(ids).count == 3)
        let reopened = try fixture.reopened(state)
        #expect(try Self.residents.map { try reopened.pekID(of: $0) } == ids)
    }

    @Test("who is there cannot come, who is not there cannot go, two changes cannot overlap")
    func refusedChanges() throws {
        let fixture = try VaultFixture()
        _ = try fixture.admit(Self.residents)
        let stranger = VaultFixture.identifier(77)
        #expect(throws: VaultError.residentExists(Self.residents[0])) {
            try fixture.vault.prepareKeyring(adding: [Self.residents[0]])
        }
        #expect(throws: VaultError.residentExists(stranger)) {
            try fixture.vault.prepareKeyring(adding: [stranger, stranger])
        }
        #expect(throws: VaultError.unknownResident(stranger)) {
            try fixture.vault.prepareKeyring(removing: [stranger])
        }
        let change = try fixture.vault.prepareKeyring(adding: [stranger])
        #expect(throws: VaultError.keyringChangePending) { try fixture.vault.prepareKeyring(newEpoch: true) }
        try fixture.vault.abandon(change)
        #expect(!fixture.vault.residents.contains(stranger))
        #expect(throws: VaultError.unknownKeyringChange) { try fixture.vault.commit(change) }
        try fixture.vault.commit(try fixture.vault.prepareKeyring(adding: [stranger]))
        #expect(fixture.vault.residents.contains(stranger))
    }

    @Test("a wrong master key is told by its id, with and without the ledger's word")
    func wrongMasterKey() throws {
        let fixture = try VaultFixture()
        let state = try fixture.admit(Self.residents)
        let wrong = try MasterKey.raw(secret([UInt8](repeating: 9, count: 32)), source: "test")
        let expected = Hex.encode(Keyring.checkValue(of: secret(VaultFixture.masterBytes)))
        let found = Hex.encode(Keyring.checkValue(of: secret([UInt8](repeating: 9, count: 32))))
        for last in [state, nil] {
            #expect(throws: VaultError.wrongMasterKey(expected: [expected], found: found)) {
                _ = try fixture.reopened(last, master: wrong)
            }
        }
    }

    @Test("every flipped byte and every truncation of a keyring is refused, with and without the ledger's word")
    func damaged() throws {
        let fixture = try VaultFixture()
        let state = try fixture.admit(Self.residents)
        let keyring = try readKeyring(fixture)
        let epoch = try require(try KeyFile.key(at: fixture.paths.epoch, relative: "keys/epoch"))
        let master = try VaultFixture.master()
        for expected in [state, nil] {
            let unlock = KeyringUnlock(
                path: "keys/keyring", vault: fixture.vault.id, expected: expected, epochSecrets: [epoch])
            _ = try unlock.unlock(keyring, masters: .sources([master]))
            for index in keyring.indices {
                var bytes = keyring
                bytes[index] ^= 0x01
                #expect(throws: VaultError.self) { _ = try unlock.unlock(bytes, masters: .sources([master])) }
            }
            for count in keyring.indices {
                #expect(throws: VaultError.self) {
                    _ = try unlock.unlock(Array(keyring.prefix(count)), masters: .sources([master]))
                }
            }
        }
        var damagedID = keyring
        damagedID[44] ^= 0x01
        try writeFile(fixture.paths.keyring, damagedID)
        #expect {
            _ = try fixture.reopened(state)
        } throws: { kind(of: $0) == .altered }
    }

    @Test("the keyring of another vault is foreign")
    func foreign() throws {
        let fixture = try VaultFixture()
        let state = try fixture.admit(Self.residents)
        let other = LedgerKeyring(vault: VaultFixture.identifier(0xFB), state: state)
        #expect {
            _ = try Vault.open(
                home: fixture.home, masterKeys: [try VaultFixture.master()], expecting: other,
                surroundings: VaultFixture.surroundings())
        } throws: { kind(of: $0) == .foreign }
    }

    @Test("an older keyring than the ledger's is a roll-back, in the same epoch and after a new one")
    func rolledBack() throws {
        let fixture = try VaultFixture()
        let old = try readKeyring(fixture)
        let state = try fixture.admit(Self.residents)
        try writeFile(fixture.paths.keyring, old)
        #expect {
            _ = try fixture.reopened(state)
        } throws: { kind(of: $0) == .rolledBack }
        _ = try fixture.reopened(nil)
    }

    @Test("a missing keyring and a missing epoch secret are named")
    func missing() throws {
        let fixture = try VaultFixture()
        let state = fixture.vault.keyringState
        try removeFile(fixture.paths.epoch)
        #expect {
            _ = try fixture.reopened(state)
        } throws: { fault(of: $0)?.path == "keys/epoch" && kind(of: $0) == .missing }
        try removeFile(fixture.paths.keyring)
        #expect {
            _ = try fixture.reopened(state)
        } throws: { fault(of: $0)?.path == "keys/keyring" && kind(of: $0) == .missing }
    }

    @Test("an epoch secret of another epoch is named as such")
    func otherEpochSecret() throws {
        let fixture = try VaultFixture()
        let state = fixture.vault.keyringState
        try KeyFile.write(RandomSource.system.secret(32), to: fixture.paths.epoch)
        #expect {
            _ = try fixture.reopened(state)
        } throws: { fault(of: $0)?.path == "keys/epoch" && kind(of: $0) == .altered }
    }

    @Test("a passphrase opens what it closed; another does not, nor a raw key")
    func passphrase() throws {
        let fixture = try VaultFixture(passphrase: "correct horse")
        let state = try fixture.admit(Self.residents)
        let reopened = try fixture.reopened(state, master: try VaultFixture.master("correct horse"))
        #expect(reopened.residents == Self.residents)
        #expect(throws: VaultError.wrongPassphrase) {
            _ = try fixture.reopened(state, master: try VaultFixture.master("wrong horse"))
        }
        #expect {
            _ = try fixture.reopened(state, master: try VaultFixture.master())
        } throws: { error in
            if case .wrongMasterKey(expected: [], found: _) = error as? VaultError { true } else { false }
        }
        // A new epoch does not ask for the passphrase again.
        let change = try reopened.prepareKeyring(removing: [Self.residents[0]])
        try reopened.commit(change)
        let again = try fixture.reopened(change.state, master: try VaultFixture.master("correct horse"))
        #expect(again.residents == Array(Self.residents.dropFirst()))
    }

    @Test("more work than the bound is refused before any is done")
    func excessiveWork() throws {
        let fixture = try VaultFixture(passphrase: "correct horse")
        var bytes = try readKeyring(fixture)
        // Provider at 36: type 2, id length 2, body length 4, id 16; then operations and memory.
        bytes.replaceSubrange(60..<64, with: [0, 0, 0, 11])
        #expect {
            try Keyring.parse(bytes, path: "keys/keyring")
        } throws: { fault(of: $0)?.field == "passphrase operations" }
        bytes.replaceSubrange(60..<64, with: [0, 0, 0, 1])
        bytes.replaceSubrange(64..<68, with: [0, 0x10, 0, 1])
        #expect {
            try Keyring.parse(bytes, path: "keys/keyring")
        } throws: { fault(of: $0)?.field == "passphrase memory" }
    }

    @Test("key files have mode 0600, directories 0700, and others' rights are found")
    func permissions() throws {
        let fixture = try VaultFixture()
        _ = try HomeKeys.createNodeKey(paths: fixture.paths, random: .system)
        #expect(try KeyPermission.tooOpen(paths: fixture.paths) == [])
        try changeMode(fixture.paths.epoch, 0o644)
        #expect(
            try KeyPermission.tooOpen(paths: fixture.paths) == [
                KeyPermission(path: "keys/epoch", mode: 0o644, allowedMode: 0o600)
            ])
    }

    @Test("a vault is never made over another")
    func createRefuses() throws {
        let fixture = try VaultFixture()
        #expect(throws: VaultError.alreadyExists(path: "keys/keyring")) {
            _ = try Vault.create(
                home: fixture.home, id: VaultFixture.identifier(1), masterKey: try VaultFixture.master(),
                surroundings: VaultFixture.surroundings())
        }
    }
}
