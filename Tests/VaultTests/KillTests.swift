// A stop at every step of every change on the disk, as a kill would make it, and what the next start finds (B-51).
import Cryptography
import Encoding
import Files
import TestSupport
import Testing

@testable import Vault

@Suite struct KillTests {
    static let one = VaultFixture.identifier(1)
    static let two = VaultFixture.identifier(2)
    static let changes: [VaultStep] = [.keyringNextWritten, .keyringNextChecked, .keyringRenamed]
    static let epochChanges: [VaultStep] = [
        .epochNextWritten, .keyringNextWritten, .keyringNextChecked, .keyringRenamed, .epochOverwritten, .epochRenamed,
    ]
    static let rotations: [VaultStep] = [
        .epochNextWritten, .masterNextWritten, .keyringNextWritten, .keyringNextChecked, .keyringRenamed,
        .epochOverwritten, .epochRenamed, .masterOverwritten, .masterRenamed,
    ]
    static let seals: [VaultStep] = [
        .orphanRemoved, .blobWritten, .blobFlushed, .blobRenamed, .blobDirectoryFlushed,
    ]

    /// Prepares, notes the span, commits, stops where `step` says; returns the span's state, if it got that far.
    private func change(
        _ fixture: VaultFixture, stoppingAfter step: VaultStep,
        _ prepare: (Vault) throws -> KeyringChange
    ) throws -> KeyringState? {
        fixture.stop.arm(step)
        var span: KeyringState?
        do {
            let change = try prepare(fixture.vault)
            span = change.state
            try fixture.vault.commit(change)
            Issue.record("the step \(step) was never passed")
        } catch VaultError.interrupted(let stopped) {
            #expect(stopped == step)
        }
        return span
    }

    private func checkTidy(_ fixture: VaultFixture) throws {
        let names = Set(try Files.list(fixture.paths.keys))
        #expect(names.isSubset(of: ["epoch", "keyring", "master.key"]), "\(names)")
    }

    @Test("an admission is wholly done or never was", arguments: changes)
    func admission(step: VaultStep) throws {
        let fixture = try VaultFixture()
        let before = try fixture.admit([Self.one])
        let span = try change(fixture, stoppingAfter: step) { try $0.prepareKeyring(adding: [Self.two]) }
        let reopened = try fixture.reopened(span ?? before)
        #expect(reopened.residents == (span == nil ? [Self.one] : [Self.one, Self.two]))
        try checkTidy(fixture)
    }

    @Test("a deletion is wholly done or never was, and what was kept still opens", arguments: epochChanges)
    func deletion(step: VaultStep) async throws {
        let fixture = try VaultFixture()
        let before = try fixture.admit([Self.one, Self.two])
        let sealed = try await fixture.vault.seal(resident: Self.one, after: nil, package: secret([1, 2, 3]))
        _ = try await fixture.vault.seal(resident: Self.two, after: nil, package: secret([4]))
        let span = try change(fixture, stoppingAfter: step) { try $0.prepareKeyring(removing: [Self.two]) }
        let reopened = try fixture.reopened(span ?? before)
        #expect(reopened.residents == (span == nil ? [Self.one, Self.two] : [Self.one]))
        #expect(reopened.keyringState.epoch == (span == nil ? 1 : 2))
        #expect(exposed(try reopened.open(resident: Self.one, expecting: sealed)) == [1, 2, 3])
        try checkTidy(fixture)
        // And the change can be made, or made again, afterwards.
        if span == nil { try reopened.commit(try reopened.prepareKeyring(removing: [Self.two])) }
        #expect(reopened.residents == [Self.one])
    }

    @Test("a commit that was stopped can be called again", arguments: epochChanges.suffix(3))
    func commitAgain(step: VaultStep) throws {
        let fixture = try VaultFixture()
        _ = try fixture.admit([Self.one, Self.two])
        let change = try fixture.vault.prepareKeyring(removing: [Self.two])
        fixture.stop.arm(step)
        #expect(throws: VaultError.interrupted(step)) { try fixture.vault.commit(change) }
        try fixture.vault.commit(change)
        #expect(fixture.vault.residents == [Self.one])
        #expect(try fixture.reopened(change.state).residents == [Self.one])
        try checkTidy(fixture)
    }

    @Test("a rotation of the master key leaves one key that opens", arguments: rotations)
    func rotation(step: VaultStep) async throws {
        let directory = try TemporaryDirectory()
        let stop = StepStop()
        let surroundings = VaultFixture.surroundings(stop)
        let paths = VaultPaths(home: directory.path)
        let master = try Vault.createMasterKeyFile(home: directory.path, random: .system)
        let vault = try Vault.create(
            home: directory.path, id: Self.one, masterKey: master, surroundings: surroundings)
        let added = try vault.prepareKeyring(adding: [Self.one])
        try vault.commit(added)
        let sealed = try await vault.seal(resident: Self.one, after: nil, package: secret([5]))
        let oldFile = try readFile(paths.masterKey)
        stop.arm(step)
        var last = added.state
        do {
            let change = try vault.prepareKeyring(
                newMaster: MasterReplacement(key: .fresh(random: .system, source: "fresh"), isKeptInHome: true))
            last = change.state
            try vault.commit(change)
            Issue.record("the step \(step) was never passed")
        } catch VaultError.interrupted {}
        let reader = MasterKeyReader(environmentSecret: { _ in nil })
        let reopened = try Vault.open(
            home: directory.path, masterKeys: try openable(reader, paths),
            expecting: LedgerKeyring(vault: vault.id, state: last), surroundings: VaultFixture.surroundings())
        #expect(exposed(try reopened.open(resident: Self.one, expecting: sealed)) == [5])
        #expect((try readFile(paths.masterKey) == oldFile) == (last == added.state))
        #expect(try Files.list(paths.keys) == ["epoch", "keyring", "master.key"])
    }

    /// The master keys that lie in the home, as the program reads them at its start.
    private func openable(_ reader: MasterKeyReader, _ paths: VaultPaths) throws -> [MasterKey] {
        try reader.keys(setting: nil, paths: paths)
    }

    @Test("a seal that was stopped is no fault, and the next run seals over it", arguments: seals)
    func seal(step: VaultStep) async throws {
        let fixture = try VaultFixture()
        let state = try fixture.admit([Self.one])
        let first = try await fixture.vault.seal(resident: Self.one, after: nil, package: secret([1]))
        if step == .orphanRemoved {
            _ = try await fixture.vault.seal(resident: Self.one, after: first, package: secret([9]))
        }
        fixture.stop.arm(step)
        await #expect(throws: VaultError.interrupted(step)) {
            _ = try await fixture.vault.seal(resident: Self.one, after: first, package: secret([2]))
        }
        let reopened = try fixture.reopened(state)
        #expect(exposed(try reopened.open(resident: Self.one, expecting: first)) == [1])
        let expected = [ResidentExpectation(resident: Self.one, generation: first)]
        #expect(try reopened.verify(expected, isComplete: true).faults == [])
        let second = try await reopened.seal(resident: Self.one, after: first, package: secret([3]))
        #expect(exposed(try reopened.open(resident: Self.one, expecting: second)) == [3])
        try reopened.sweep(resident: Self.one, below: second.number)
        #expect(throws: VaultError.self) { _ = try reopened.open(resident: Self.one, expecting: first) }
    }

    @Test("an erasure that was stopped goes on where it was")
    func erasure() async throws {
        let fixture = try VaultFixture()
        _ = try fixture.admit([Self.one])
        var generation = try await fixture.vault.seal(resident: Self.one, after: nil, package: secret([1]))
        for byte in UInt8(2)...4 {
            generation = try await fixture.vault.seal(resident: Self.one, after: generation, package: secret([byte]))
        }
        try fixture.vault.sweep(resident: Self.one, below: 2)
        #expect(throws: VaultError.residentExists(Self.one)) { try fixture.vault.erase(resident: Self.one) }
        try fixture.vault.commit(try fixture.vault.prepareKeyring(removing: [Self.one]))
        fixture.stop.arm(.fileErased)
        #expect(throws: VaultError.interrupted(.fileErased)) { try fixture.vault.erase(resident: Self.one) }
        try fixture.vault.erase(resident: Self.one)
        #expect(try Files.list(fixture.paths.directory(of: Self.one)) == [])
        try fixture.vault.erase(resident: Self.one)
    }

    @Test("every step is stopped at by some test here")
    func enumerated() {
        let stopped = Set(Self.rotations + Self.seals + [.fileErased, .generationSwept])
        #expect(stopped == Set(VaultStep.allCases))
    }

    @Test("a sweep that was stopped goes on")
    func sweep() async throws {
        let fixture = try VaultFixture()
        let state = try fixture.admit([Self.one])
        var generation = try await fixture.vault.seal(resident: Self.one, after: nil, package: secret([1]))
        for byte in UInt8(2)...3 {
            generation = try await fixture.vault.seal(resident: Self.one, after: generation, package: secret([byte]))
        }
        fixture.stop.arm(.generationSwept)
        #expect(throws: VaultError.interrupted(.generationSwept)) {
            try fixture.vault.sweep(resident: Self.one, below: generation.number)
        }
        let digits = Self.one.hexDigits
        let directory = fixture.paths.directory(of: Self.one)
        // A spare says that nothing older is left, so there is none yet.
        #expect(try Files.list(directory) == ["\(digits).1.blob", "\(digits).2.blob"])
        let reopened = try fixture.reopened(state)
        try reopened.sweep(resident: Self.one, below: generation.number)
        #expect(try Files.list(directory) == ["\(digits).2.blob", "\(digits).spare"])
        #expect(exposed(try reopened.open(resident: Self.one, expecting: generation)) == [3])
    }

    @Test("a sweep that never came is made up for by the next, and by every process that finds no spare")
    func missedSweep() async throws {
        let fixture = try VaultFixture()
        let state = try fixture.admit([Self.one])
        let vault = fixture.vault
        var last = try await vault.seal(resident: Self.one, after: nil, package: secret([0]))
        let digits = Self.one.hexDigits
        let directory = fixture.paths.directory(of: Self.one)
        last = try await vault.seal(resident: Self.one, after: last, package: secret([1]))
        try vault.sweep(resident: Self.one, below: 1)
        // Into the spare, and then the process ends before the sweep.
        last = try await vault.seal(resident: Self.one, after: last, package: secret([2]))
        #expect(try Files.list(directory) == ["\(digits).1.blob", "\(digits).2.blob"])
        let reopened = try fixture.reopened(state)
        last = try await reopened.seal(resident: Self.one, after: last, package: secret([3]))
        try reopened.sweep(resident: Self.one, below: 3)
        #expect(try Files.list(directory) == ["\(digits).3.blob", "\(digits).spare"])
        last = try await reopened.seal(resident: Self.one, after: last, package: secret([4]))
        try reopened.sweep(resident: Self.one, below: 4)
        #expect(try Files.list(directory) == ["\(digits).4.blob", "\(digits).spare"])
        #expect(exposed(try reopened.open(resident: Self.one, expecting: last)) == [4])
    }

    @Test(
        "a seal that was stopped in the spare goes with the orphans", arguments: [VaultStep.blobWritten, .blobFlushed])
    func stoppedInSpare(step: VaultStep) async throws {
        let fixture = try VaultFixture()
        let state = try fixture.admit([Self.one])
        var last = try await fixture.vault.seal(resident: Self.one, after: nil, package: secret([0]))
        last = try await fixture.vault.seal(resident: Self.one, after: last, package: secret([1]))
        try fixture.vault.sweep(resident: Self.one, below: 1)
        fixture.stop.arm(step)
        await #expect(throws: VaultError.interrupted(step)) {
            _ = try await fixture.vault.seal(resident: Self.one, after: last, package: secret([2]))
        }
        let reopened = try fixture.reopened(state)
        let digits = Self.one.hexDigits
        #expect(
            try Files.list(fixture.paths.directory(of: Self.one)) == ["\(digits).1.blob", "\(digits).spare"])
        try reopened.removeOrphan(resident: Self.one, above: last.number)
        #expect(try Files.list(fixture.paths.directory(of: Self.one)) == ["\(digits).1.blob"])
        #expect(exposed(try reopened.open(resident: Self.one, expecting: last)) == [1])
    }
}
