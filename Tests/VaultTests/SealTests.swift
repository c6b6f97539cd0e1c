// Sealing and opening on the disk: fresh keys, the chain, limits, many at once, sweep and spare (S4-28, S4-78).
import Cryptography
import Encoding
import Files
import Synchronization
import TestSupport
import Testing

@testable import Vault

@Suite struct SealTests {
    static let resident = VaultFixture.identifier(1)

    private func header(_ fixture: VaultFixture, _ number: UInt64) throws -> (bytes: [UInt8], header: BlobHeader) {
        let path = fixture.paths.file(BlobName(Self.resident, .generation(number)))
        let bytes = Array(try readFile(path).prefix(BlobHeader.count))
        return (bytes, try BlobHeader.parse(bytes, path: path))
    }

    @Test("each seal is the next generation under a fresh key, chained to the one before")
    func generations() async throws {
        let fixture = try VaultFixture()
        _ = try fixture.admit([Self.resident])
        let zero = try await fixture.vault.seal(resident: Self.resident, after: nil, package: secret([1, 2]))
        let one = try await fixture.vault.seal(resident: Self.resident, after: zero, package: secret([1, 2]))
        #expect(zero.number == 0)
        #expect(one.number == 1)
        let (first, second) = (try header(fixture, 0), try header(fixture, 1))
        #expect(BLAKE3.hash(first.bytes) == zero.headerHash)
        #expect(first.header.previousHeaderHash == [UInt8](repeating: 0, count: 32))
        #expect(second.header.previousHeaderHash == zero.headerHash)
        #expect(first.header.wrappedKey != second.header.wrappedKey)
        #expect(first.header.blob != second.header.blob && second.header.blob.isVersion7)
        #expect(second.header.padding == .padme)
        let path = fixture.paths.file(BlobName(Self.resident, .generation(1)))
        #expect(path == "\(fixture.home)/vault/blobs/01/\(Self.resident.hexDigits).1.blob")
        #expect(try Files.mode(path) == 0o600)
        #expect(try Files.mode(fixture.paths.directory(of: Self.resident)) == 0o700)
        #expect(exposed(try fixture.vault.open(resident: Self.resident, expecting: one)) == [1, 2])
    }

    @Test("nothing of the plaintext reaches the disk")
    func noPlaintext() async throws {
        let fixture = try VaultFixture()
        _ = try fixture.admit([Self.resident])
        let words = Array("a private thought that nobody else may read".utf8)
        _ = try await fixture.vault.seal(resident: Self.resident, after: nil, package: secret(words))
        let file = try readFile(fixture.paths.file(BlobName(Self.resident, .generation(0))))
        #expect(!String(decoding: file, as: UTF8.self).contains("thought"))
        #expect(file.count == BlobHeader.count + 56 + Padme.paddedCount(words.count) + 16)
    }

    @Test("64 MiB are sealed, one byte more is refused before anything is written")
    func limits() async throws {
        let fixture = try VaultFixture()
        _ = try fixture.admit([Self.resident])
        let limit = BlobHeader.maximumPlaintextCount
        await #expect(throws: VaultError.plaintextTooLong(limit: limit, found: limit + 1)) {
            let large = SecretBytes(count: limit + 1) { _ in }
            _ = try await fixture.vault.seal(resident: Self.resident, after: nil, package: large)
        }
        #expect(!Files.isDirectory(fixture.paths.directory(of: Self.resident)))
        let largest = SecretBytes(count: limit) { $0.initializeMemory(as: UInt8.self, repeating: 3) }
        let generation = try await fixture.vault.seal(resident: Self.resident, after: nil, package: largest)
        let opened = try fixture.vault.open(resident: Self.resident, expecting: generation)
        let isSame = opened.constantTimeEquals(largest)
        #expect(isSame)
    }

    @Test("generation 0 is never sealed over, a resident without a key never sealed")
    func refused() async throws {
        let fixture = try VaultFixture()
        _ = try fixture.admit([Self.resident])
        let zero = try await fixture.vault.seal(resident: Self.resident, after: nil, package: secret([1]))
        let path = "vault/blobs/01/\(Self.resident.hexDigits).0.blob"
        await #expect(throws: VaultError.alreadyExists(path: path)) {
            _ = try await fixture.vault.seal(resident: Self.resident, after: nil, package: secret([2]))
        }
        #expect(exposed(try fixture.vault.open(resident: Self.resident, expecting: zero)) == [1])
        let stranger = VaultFixture.identifier(2)
        await #expect(throws: VaultError.unknownResident(stranger)) {
            _ = try await fixture.vault.seal(resident: stranger, after: nil, package: secret([2]))
        }
        try fixture.vault.removeOrphan(resident: Self.resident, above: nil)
        _ = try await fixture.vault.seal(resident: Self.resident, after: nil, package: secret([2]))
    }

    @Test("a blob that is rolled back, missing or not there at all is named")
    func absent() async throws {
        let fixture = try VaultFixture()
        _ = try fixture.admit([Self.resident])
        let zero = try await fixture.vault.seal(resident: Self.resident, after: nil, package: secret([1]))
        let one = try await fixture.vault.seal(resident: Self.resident, after: zero, package: secret([2]))
        try removeFile(fixture.paths.file(BlobName(Self.resident, .generation(1))))
        let rolledBack = faultOf { () throws(VaultError) in
            try fixture.vault.open(resident: Self.resident, expecting: one)
        }
        #expect(rolledBack?.kind == .rolledBack)
        #expect(rolledBack?.found == "0")
        // The old generation under the new name is told by its header.
        try writeFile(
            fixture.paths.file(BlobName(Self.resident, .generation(1))),
            try readFile(fixture.paths.file(BlobName(Self.resident, .generation(0)))))
        let renamed = faultOf { () throws(VaultError) in
            try fixture.vault.open(resident: Self.resident, expecting: one)
        }
        #expect(renamed?.kind == .rolledBack)
        try removeFile(fixture.paths.file(BlobName(Self.resident, .generation(0))))
        try removeFile(fixture.paths.file(BlobName(Self.resident, .generation(1))))
        let missing = faultOf { () throws(VaultError) in
            try fixture.vault.open(resident: Self.resident, expecting: one)
        }
        #expect(missing?.kind == .missing)
    }

    @Test("the sweep overwrites the old wrapped key, and the next seal takes the blocks over")
    func spare() async throws {
        let fixture = try VaultFixture()
        _ = try fixture.admit([Self.resident])
        let long = [UInt8](repeating: 1, count: 50_000)
        var last = try await fixture.vault.seal(resident: Self.resident, after: nil, package: secret(long))
        let old = try readFile(fixture.paths.file(BlobName(Self.resident, .generation(0))))
        last = try await fixture.vault.seal(resident: Self.resident, after: last, package: secret([2]))
        try fixture.vault.sweep(resident: Self.resident, below: 1)
        let spare = try readFile(fixture.paths.file(BlobName(Self.resident, .spare)))
        #expect(spare.count == old.count)
        #expect(zip(spare, old).prefix(4_096).filter { $0 == $1 }.count < 100)
        #expect(spare.dropFirst(4_096) == old.dropFirst(4_096))
        last = try await fixture.vault.seal(resident: Self.resident, after: last, package: secret([3]))
        let names = try Files.list(fixture.paths.directory(of: Self.resident))
        #expect(names == [1, 2].map { "\(Self.resident.hexDigits).\($0).blob" })
        // Shorter than the spare was: nothing of the spare is left behind it.
        #expect(exposed(try fixture.vault.open(resident: Self.resident, expecting: last)) == [3])
    }

    @Test("sixty-four seals at once, all durable, each its own")
    func concurrent() async throws {
        let fixture = try VaultFixture()
        let residents = (0..<64).map { VaultFixture.identifier($0) }
        _ = try fixture.admit(residents)
        let vault = fixture.vault
        let sealed = try await withThrowingTaskGroup(of: (Identifier, Generation).self) { group in
            for resident in residents {
                group.addTask {
                    (resident, try await vault.seal(resident: resident, after: nil, package: secret(resident.bytes)))
                }
            }
            return try await group.reduce(into: [Identifier: Generation]()) { $0[$1.0] = $1.1 }
        }
        for (resident, generation) in sealed {
            #expect(exposed(try vault.open(resident: resident, expecting: generation)) == resident.bytes)
        }
        #expect(sealed.count == 64)
        let expected = sealed.map { ResidentExpectation(resident: $0.key, generation: $0.value) }
        let result = try vault.verify(expected, isComplete: true)
        #expect(result.isSound && result.checked == 64)
    }

    @Test("episodes are chained blobs of their own kind")
    func episodes() async throws {
        let fixture = try VaultFixture()
        _ = try fixture.admit([Self.resident])
        let zero = try await fixture.vault.seal(
            resident: Self.resident, after: nil, package: secret([1]), content: .episode)
        let one = try await fixture.vault.seal(
            resident: Self.resident, after: zero, package: secret([2]), content: .episode)
        #expect(
            try Files.list(fixture.paths.directory(of: Self.resident))
                == ["e0", "e1"].map { "\(Self.resident.hexDigits).\($0).blob" })
        let opened = try fixture.vault.open(resident: Self.resident, expecting: one, content: .episode)
        #expect(exposed(opened) == [2])
        let package = try await fixture.vault.seal(resident: Self.resident, after: nil, package: secret([3]))
        try fixture.vault.sweep(resident: Self.resident, below: 1)
        let expected = [
            ResidentExpectation(resident: Self.resident, generation: package, episodes: [zero, one])
        ]
        #expect(try fixture.vault.verify(expected, isComplete: true).faults.map(\.kind) == [.missing])
    }
}

@Suite struct ResidentKeysTests {
    static let resident = VaultFixture.identifier(1)

    @Test("a sealed payload opens at its place alone")
    func places() throws {
        let fixture = try VaultFixture()
        let other = VaultFixture.identifier(2)
        _ = try fixture.admit([Self.resident, other])
        let keys = try fixture.vault.sealer(for: Self.resident)
        let run = VaultFixture.identifier(3)
        let place = SealedPlace.journal(run: run, step: "model.result/1/1")
        let sealed = try keys.seal(Array("{\"step\":1}".utf8), at: place)
        #expect(exposed(try keys.open(sealed, at: place)) == Array("{\"step\":1}".utf8))
        #expect(sealed.count == 56 + Padme.paddedCount(14) + 16)
        let others: [SealedPlace] = [
            .journal(run: run, step: "model.result/1/2"), .journal(run: other, step: "model.result/1/1"),
            .span(run), .span(run, sequence: 1),
            SealedPlace(kind: .span, id: run, sequence: 0, name: "model.result/1/1"),
        ]
        for other in others {
            #expect(throws: VaultError.cryptography(.commitmentMismatch)) { _ = try keys.open(sealed, at: other) }
        }
        #expect(throws: VaultError.cryptography(.commitmentMismatch)) {
            _ = try fixture.vault.sealer(for: other).open(sealed, at: place)
        }
        var changed = sealed
        changed[changed.count - 1] ^= 1
        #expect(throws: VaultError.cryptography(.authenticationFailed)) { _ = try keys.open(changed, at: place) }
    }

    @Test("messages of all small lengths keep their bytes and hide their length")
    func lengths() throws {
        let fixture = try VaultFixture()
        _ = try fixture.admit([Self.resident])
        let keys = try fixture.vault.sealer(for: Self.resident)
        let place = SealedPlace.span(VaultFixture.identifier(3))
        for count in [0, 1, 4, 5, 60, 100, 16_380, 16_381, 70_000] {
            let message = [UInt8](repeating: 0, count: count)
            #expect(exposed(try keys.open(try keys.seal(message, at: place), at: place)) == message)
        }
        let (one, two) = (try keys.seal([], at: place), try keys.seal([], at: place))
        #expect(one != two)
        #expect(keys.digest([1, 2, 3]).count == 32)
        #expect(keys.digest([1, 2, 3]) != keys.digest([1, 2]))
        #expect(keys.digestText([]).hasPrefix("hmac-sha512:"))
    }
}

@Suite struct DirectoryFlusherTests {
    @Test("flushes that come while one runs share the next")
    func grouped() async throws {
        let gate = ThreadLock()
        let isOpen = Mutex(false)
        let count = Mutex(0)
        let flusher = DirectoryFlusher { (_) throws(FileError) in
            let number = count.withLock { count in
                count += 1
                return count
            }
            guard number == 1 else { return }
            gate.lock()
            while !isOpen.withLock({ $0 }) { gate.wait() }
            gate.unlock()
        }
        let workers = WorkerThreads(count: 9)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await workers.run { () throws(VaultError) in try Self.flush(flusher) }
            }
            while count.withLock({ $0 }) == 0 { await Task.yield() }
            for _ in 0..<8 {
                group.addTask {
                    try await workers.run { () throws(VaultError) in try Self.flush(flusher) }
                }
            }
            while flusher.waiting(for: "directory") < 9 { await Task.yield() }
            isOpen.withLock { $0 = true }
            gate.lock()
            gate.broadcast()
            gate.unlock()
            try await group.waitForAll()
        }
        #expect(count.withLock { $0 } == 2)
        #expect(flusher.waiting(for: "directory") == 0)
    }

    @Test("a failed flush is told to whoever waited for it")
    func failure() throws {
        let failing = FileError(operation: "fsync", path: "directory", code: 5)
        let flusher = DirectoryFlusher { (_) throws(FileError) in throw failing }
        #expect(throws: failing) { try flusher.sync("directory") }
    }

    private static func flush(_ flusher: DirectoryFlusher) throws(VaultError) {
        do throws(FileError) { try flusher.sync("directory") } catch { throw .file(error) }
    }
}
