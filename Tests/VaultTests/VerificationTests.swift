// Inspection without keys, and verification: every kind of fault has its name, and what is no fault has none.
import Cryptography
import Encoding
import Files
import Glibc
import TestSupport
import Testing

@testable import Vault

@Suite struct VerificationTests {
    static let one = VaultFixture.identifier(1)
    static let two = VaultFixture.identifier(2)
    let fixture: VaultFixture
    let expected: [ResidentExpectation]
    let old: Generation

    init() async throws {
        fixture = try VaultFixture()
        _ = try fixture.admit([Self.one, Self.two])
        old = try await fixture.vault.seal(resident: Self.one, after: nil, package: secret([1]))
        let new = try await fixture.vault.seal(resident: Self.one, after: old, package: secret([2]))
        let other = try await fixture.vault.seal(resident: Self.two, after: nil, package: secret([3]))
        expected = [
            ResidentExpectation(resident: Self.one, generation: new),
            ResidentExpectation(resident: Self.two, generation: other),
        ]
    }

    private func path(_ resident: Identifier, _ kind: BlobName.Kind) -> String {
        fixture.paths.file(BlobName(resident, kind))
    }

    private func faults() throws -> [VaultFault] { try fixture.vault.verify(expected, isComplete: true).faults }

    @Test("a sound vault has no faults; old, next, spare and unfinished files are none")
    func sound() async throws {
        #expect(try faults() == [])
        _ = try await fixture.vault.seal(
            resident: Self.one, after: expected[0].generation, package: secret([9]))
        try writeFile(path(Self.two, .spare), [1])
        try writeFile(path(Self.two, .unfinished), [1])
        let result = try fixture.vault.verify(expected, isComplete: true)
        #expect(result.faults == [])
        #expect(result.checked == 2)
    }

    @Test("an altered, a truncated, a missing blob")
    func damaged() throws {
        let file = path(Self.one, .generation(1))
        var bytes = try readFile(file)
        bytes[bytes.count - 1] ^= 1
        try writeFile(file, bytes)
        #expect(try faults().map(\.kind) == [.altered])
        try writeFile(file, Array(bytes.dropLast()))
        #expect(try faults().map(\.kind) == [.truncated])
        try removeFile(file)
        #expect(try faults().map(\.kind) == [.rolledBack])
        try removeFile(path(Self.one, .generation(0)))
        #expect(try faults().map(\.kind) == [.missing])
        #expect(try faults().map(\.path) == ["vault/blobs/01/\(Self.one.hexDigits).1.blob"])
    }

    @Test("a pipe in the place of a blob is named, not waited for")
    func pipe() throws {
        let file = path(Self.one, .generation(1))
        try removeFile(file)
        #expect(mkfifo(file, 0o600) == 0)
        #expect(try faults().map(\.kind) == [.foreign])
        #expect(try !VaultInspection(home: fixture.home).faults.isEmpty)
    }

    @Test("two residents' blobs swapped: both are named")
    func swapped() throws {
        let (first, second) = (path(Self.one, .generation(1)), path(Self.two, .generation(0)))
        let (one, two) = (try readFile(first), try readFile(second))
        try writeFile(first, two)
        try writeFile(second, one)
        #expect(try faults().map(\.kind) == [.swapped, .swapped])
        #expect(try faults().map(\.found) == [Self.two.description, Self.one.description])
    }

    @Test("an older generation under the current name, and the blob of another vault")
    func rolledBackAndForeign() async throws {
        try writeFile(path(Self.one, .generation(1)), try readFile(path(Self.one, .generation(0))))
        #expect(try faults().map(\.kind) == [.rolledBack])
        let other = try TemporaryDirectory()
        let foreign = try Vault.create(
            home: other.path, id: VaultFixture.identifier(0xFB), masterKey: try VaultFixture.master(),
            surroundings: VaultFixture.surroundings())
        try foreign.commit(try foreign.prepareKeyring(adding: [Self.one]))
        var last = try await foreign.seal(resident: Self.one, after: nil, package: secret([1]))
        last = try await foreign.seal(resident: Self.one, after: last, package: secret([1]))
        try writeFile(
            path(Self.one, .generation(1)),
            try readFile(foreign.paths.file(BlobName(Self.one, .generation(1)))))
        #expect(try faults().map(\.kind) == [.foreign])
    }

    @Test("files that nothing explains")
    func unexpected() throws {
        let stranger = VaultFixture.identifier(0x0301)
        try writeFile(path(Self.one, .generation(7)), [1])
        try writeFile(path(stranger, .generation(3)), [1])
        try writeFile("\(fixture.paths.blobs)/01/notes.txt", [1])
        try writeFile("\(fixture.paths.blobs)/02/\(Self.one.hexDigits).1.blob", [1])
        let found = try faults()
        #expect(found.map(\.kind) == [.unexpected, .unexpected, .unexpected, .unexpected])
        #expect(found.map(\.field) == ["generation", "resident", "name", "name"])
        let some = try fixture.vault.verify([expected[1]], isComplete: false)
        #expect(some.isSound && some.checked == 1)
    }

    @Test("nothing of a deleted resident may be left")
    func deleted() throws {
        try fixture.vault.commit(try fixture.vault.prepareKeyring(removing: [Self.two]))
        let expected = [
            expected[0], ResidentExpectation(resident: Self.two, generation: nil),
        ]
        #expect(try fixture.vault.verify(expected, isComplete: true).faults.map(\.kind) == [.unexpected])
        try fixture.vault.erase(resident: Self.two)
        #expect(try fixture.vault.verify(expected, isComplete: true).faults == [])
    }

    @Test("inspection needs no key, tells headers and keys, and flags what it does not know")
    func inspection() throws {
        try writeFile(path(Self.two, .spare), [1])
        try writeFile("\(fixture.paths.blobs)/01/notes.txt", [1])
        try writeFile(path(Self.two, .generation(5)), [1, 2, 3])
        for key in [fixture.paths.epoch] { try removeFile(key) }
        let seen = try VaultInspection(home: fixture.home)
        #expect(seen.keyring?.vault == fixture.vault.id)
        #expect(seen.keyring?.state == fixture.vault.keyringState)
        #expect(seen.keyring?.entries.map(\.resident) == [Self.one, Self.two])
        #expect(seen.blobs.map(\.header.resident) == [Self.one, Self.one, Self.two])
        #expect(seen.blobs.map(\.header.generation) == [0, 1, 0])
        #expect(seen.blobs.allSatisfy { $0.isConsistent && $0.fileCount == $0.expectedFileCount })
        #expect(seen.blobs[1].headerHash == expected[0].generation?.headerHash)
        #expect(seen.leftovers == ["vault/blobs/02/\(Self.two.hexDigits).spare"])
        #expect(seen.unknownFiles == ["vault/blobs/01/notes.txt"])
        #expect(seen.faults.map(\.kind) == [.truncated])
        let single = try VaultInspection(home: fixture.home, resident: Self.one)
        #expect(single.blobs.count == 2 && single.unknownFiles.isEmpty)
    }
}
