// The miniature home, read and re-created byte for byte (S4-16, S4-74 to S4-76, B-52).
import Cryptography
import Encoding
import Files
import Synchronization
import TestSupport
import Testing

@testable import Vault

@Suite(.enabled(if: SharedData.isPresent, "the shared vectors are not beside the checkout"))
struct MiniatureTests {
    let home: MiniatureHome

    init() throws { home = try MiniatureHome() }

    private func openVault() throws -> (TemporaryDirectory, Vault) {
        let directory = try TemporaryDirectory()
        try copyTree(SharedData.path(MiniatureHome.folder), to: directory.path)
        let paths = VaultPaths(home: directory.path)
        let reader = MasterKeyReader(environmentSecret: { _ in nil })
        let state = KeyringState(epoch: home.epoch, hash: BLAKE3.hash(home.keyring))
        let vault = try Vault.open(
            home: directory.path, masterKeys: try reader.keys(setting: nil, paths: paths),
            expecting: LedgerKeyring(vault: home.vault, state: state), surroundings: VaultFixture.surroundings())
        return (directory, vault)
    }

    @Test("each of the four blobs opens to its plaintext")
    func opens() throws {
        let (directory, vault) = try openVault()
        for blob in home.blobs {
            let plaintext = exposed(try vault.open(resident: blob.resident, expecting: blob.expecting))
            #expect(plaintext.count == blob.plaintextCount)
            #expect(SHA256.hash(plaintext) == blob.plaintextSHA256)
        }
        #expect(vault.residents.count == 3)
        _ = directory
    }

    @Test("each of the four blobs is re-created byte for byte")
    func recreatesBlobs() throws {
        let (directory, vault) = try openVault()
        for blob in home.blobs {
            let plaintext = try vault.open(resident: blob.resident, expecting: blob.expecting)
            let header = try BlobHeader.parse(Array(blob.bytes.prefix(284)), path: "")
            let replay = Replay([blob.dek, Array(blob.bytes[148..<172]), Array(blob.bytes[284..<308])])
            let writer = Vault(
                paths: vault.paths, unlocked: vault.state.withLock { $0.unlocked },
                surroundings: VaultSurroundings(
                    random: replay.source, time: fixedTime(header.createdMilliseconds),
                    nextIdentifier: { header.blob }))
            let after = blob.generation == 0 ? nil : Generation(number: 0, headerHash: header.previousHeaderHash)
            let made = try writer.sealedBytes(
                resident: blob.resident, after: after, package: plaintext, content: .personaPackage,
                padding: blob.padding)
            #expect(made.bytes == blob.bytes)
            #expect(made.generation == blob.expecting)
            #expect(replay.isUsedUp)
        }
        _ = directory
    }

    @Test("the keyring is re-created byte for byte")
    func recreatesKeyring() throws {
        let bytes = home.keyring
        let keyring = try Keyring.parse(bytes, path: "keys/keyring").keyring
        #expect(keyring.providers[0].keyID == home.masterKeyID)
        var draws = [home.keyringKey, Array(keyring.providers[0].wrappedKey.prefix(24))]
        for entry in keyring.entries {
            let blob = try require(home.blobs.first { $0.resident == entry.resident })
            draws += [blob.pek, entry.pekID.bytes, Array(entry.wrappedKey.prefix(24))]
        }
        let reader = MasterKeyReader(environmentSecret: { _ in nil })
        let master = try reader.read(.file(SharedData.path("\(MiniatureHome.folder)/keys/master.key")))
        let replay = Replay(draws)
        let epoch = try require(
            try KeyFile.key(at: SharedData.path("\(MiniatureHome.folder)/keys/epoch"), relative: "keys/epoch"))
        let draft = try KeyringDraft.rekeyed(
            for: KeyringDraft.Target(
                vault: home.vault, epoch: home.epoch,
                masters: [try master.provenForNewProvider(cost: .moderate, random: .system)], epochSecret: epoch),
            previous: nil,
            adding: KeyringDraft.Newcomers(
                residents: keyring.entries.map(\.resident).reversed(),
                createdMilliseconds: keyring.entries[0].createdMilliseconds),
            random: replay.source)
        #expect(draft.bytes == bytes)
        #expect(replay.isUsedUp)
    }

    @Test("sealed span fields and the journal step open, and are re-created byte for byte")
    func recreatesSealedPayloads() throws {
        let (directory, vault) = try openVault()
        let resident = home.blobs[0].resident
        let run = try require(home.json["journal"]?["run"]?.string.flatMap { Identifier($0) })
        let step = try require(home.json["journal"]?["name"]?.string)
        let span = "019a9d3c-8c00-7abc-8def-00000000100"
        let payloads: [(String, SealedPlace)] = [
            ("export/sealed/\(span)8.0", .span(try require(Identifier("\(span)8")))),
            ("export/sealed/\(span)9.0", .span(try require(Identifier("\(span)9")))),
            ("journal.bin", .journal(run: run, step: step)),
        ]
        for (file, place) in payloads {
            let sealed = try SharedData.bytes("\(MiniatureHome.folder)/\(file)")
            let message = exposed(try vault.sealer(for: resident).open(sealed, at: place))
            _ = try JSON.parse(message)
            let writer = ResidentKeys(
                resident: resident, vault: home.vault, key: try vault.pek(of: resident),
                random: Replay([Array(sealed.prefix(24))]).source)
            #expect(try writer.seal(message, at: place) == sealed)
        }
        let journal = exposed(
            try vault.sealer(for: resident).open(
                try SharedData.bytes("\(MiniatureHome.folder)/journal.bin"), at: payloads[2].1))
        #expect(String(decoding: journal, as: UTF8.self) == home.json["journal"]?["plaintext"]?.string)
        _ = directory
    }

    @Test("keyed digests are those of the ledger's spans")
    func digests() throws {
        let (directory, vault) = try openVault()
        let keys = try vault.sealer(for: home.blobs[0].resident)
        let text = try SharedData.text("\(MiniatureHome.folder)/export/spans.ndjson")
        for (_, value) in try require(home.json["digests"]?.object) {
            #expect(text.contains(keys.digestText(Array(try require(value.string).utf8))))
        }
        _ = directory
    }
}

/// A clock that stands still.
func fixedTime(_ milliseconds: UInt64) -> TimeSource {
    TimeSource(now: { Instant(unixMilliseconds: Int64(milliseconds)) }, monotonicNanoseconds: { 0 })
}

/// Copies a folder with all below it.
func copyTree(_ from: String, to target: String) throws {
    for name in try Files.list(from) {
        let (source, copy) = ("\(from)/\(name)", "\(target)/\(name)")
        if Files.isDirectory(source) {
            try Files.createDirectory(copy)
            try copyTree(source, to: copy)
        } else {
            try writeFile(copy, try readFile(source))
        }
    }
}
