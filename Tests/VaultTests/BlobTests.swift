// Blob v1 under attack: every byte, every truncation, grafts, roll-backs, values that the format does not list (B-52).
import Cryptography
import Encoding
import Testing

@testable import Vault

/// A sealed blob in memory, with what is needed to open it.
struct BlobSample {
    static let vault = VaultFixture.identifier(0xFA)
    static let resident = VaultFixture.identifier(1)
    static let pekID = VaultFixture.identifier(2)
    let pek = SharedSecret(RandomSource.system.secret(32))
    let plaintext: [UInt8]
    let bytes: [UInt8]

    init(
        count: Int, padding: BlobPadding = .padme, resident: Identifier = resident, generation: UInt64 = 4,
        declared: Int? = nil
    ) throws {
        plaintext = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let header = BlobHeader(
            vault: Self.vault, resident: resident, blob: VaultFixture.identifier(3), generation: generation,
            createdMilliseconds: 1, previousHeaderHash: [UInt8](repeating: 7, count: 32),
            plaintextCount: declared ?? count, content: .personaPackage, padding: padding, pekID: Self.pekID)
        bytes = try Blob.seal(
            secret(plaintext), header: header, pek: pek.bytes, dek: RandomSource.system.secret(32),
            salts: Blob.Salts(wrap: RandomSource.system.bytes(24), payload: RandomSource.system.bytes(24)))
    }

    func expectation(resident: Identifier = resident, generation: UInt64 = 4, of bytes: [UInt8]? = nil)
        -> Blob.Expectation
    {
        let hash = BLAKE3.hash(Array((bytes ?? self.bytes).prefix(BlobHeader.count)))
        return Blob.Expectation(
            path: "blob", vault: Self.vault, resident: resident, content: .personaPackage,
            generation: Generation(number: generation, headerHash: hash))
    }

    func open(_ bytes: [UInt8], _ expectation: Blob.Expectation? = nil) throws(VaultError) -> SecretBytes {
        try Blob.open(bytes, expecting: expectation ?? self.expectation(), pekID: Self.pekID, pek: pek.bytes)
    }
}

/// The fault that a body throws; nil when it throws none.
func faultOf(_ body: () throws(VaultError) -> SecretBytes) -> VaultFault? {
    do throws(VaultError) {
        _ = try body()
    } catch {
        if case .fault(let fault) = error { return fault }
    }
    return nil
}

@Suite struct BlobTests {
    @Test("a blob opens to what was sealed", arguments: [0, 1, 2, 9, 100, 16_383, 16_384, 16_385, 40_000])
    func roundTrip(count: Int) throws {
        for padding in [BlobPadding.none, .padme] {
            let sample = try BlobSample(count: count, padding: padding)
            #expect(exposed(try sample.open(sample.bytes)) == sample.plaintext)
        }
    }

    @Test("every flipped byte of a three-chunk blob is refused")
    func everyByteFlipped() throws {
        let sample = try BlobSample(count: 32_769)
        let expectation = sample.expectation()
        var bytes = sample.bytes
        var refused = 0
        for index in bytes.indices {
            let bit = UInt8(1) << (index % 8)
            bytes[index] ^= bit
            if faultOf({ () throws(VaultError) in try sample.open(bytes, expectation) }) != nil { refused += 1 }
            bytes[index] ^= bit
        }
        #expect(refused == bytes.count)
        #expect(bytes == sample.bytes)
    }

    @Test("a flipped header is refused even when the ledger is said to name it")
    func flippedHeaderNamedByLedger() throws {
        let sample = try BlobSample(count: 100)
        for index in 0..<BlobHeader.count {
            var bytes = sample.bytes
            bytes[index] ^= 0x10
            let expectation = sample.expectation(of: bytes)
            #expect(faultOf { () throws(VaultError) in try sample.open(bytes, expectation) } != nil, "byte \(index)")
        }
    }

    @Test("every truncation of a three-chunk blob, and a longer file, is refused")
    func everyTruncation() throws {
        let sample = try BlobSample(count: 32_769)
        let expectation = sample.expectation()
        for count in 0..<sample.bytes.count {
            let fault = faultOf { () throws(VaultError) in
                try sample.open(Array(sample.bytes.prefix(count)), expectation)
            }
            guard fault?.kind == .truncated else {
                Issue.record("\(count) bytes: \(String(describing: fault))")
                return
            }
        }
        let longer = faultOf { () throws(VaultError) in try sample.open(sample.bytes + [0], expectation) }
        #expect(longer?.field == "size")
    }

    @Test("headers and payloads cannot be moved between residents or generations")
    func grafts() throws {
        let other = VaultFixture.identifier(9)
        let one = try BlobSample(count: 100)
        let two = try BlobSample(count: 100, resident: other)
        let older = try BlobSample(count: 100, generation: 3)
        let swapped = faultOf { () throws(VaultError) in try one.open(two.bytes) }
        #expect(swapped?.kind == .swapped)
        #expect(swapped?.expected == BlobSample.resident.description)
        #expect(swapped?.found == other.description)
        // The other's key is ours here, and still its header does not carry our payload.
        let grafted = Array(two.bytes.prefix(284)) + Array(one.bytes.dropFirst(284))
        let expectation = two.expectation(resident: other, of: grafted)
        #expect(faultOf { () throws(VaultError) in try two.open(grafted, expectation) }?.kind == .altered)
        let olderPayload = Array(one.bytes.prefix(284)) + Array(older.bytes.dropFirst(284))
        #expect(
            faultOf { () throws(VaultError) in try one.open(olderPayload) }?.field == "payload commitment")
        let rolledBack = faultOf { () throws(VaultError) in try older.open(older.bytes) }
        #expect(rolledBack?.kind == .rolledBack)
        #expect(rolledBack?.expected == "4")
        #expect(rolledBack?.found == "3")
    }

    @Test("another blob of the same generation is told by its header hash")
    func otherHeaderHash() throws {
        let sample = try BlobSample(count: 100)
        var expectation = sample.expectation()
        expectation = Blob.Expectation(
            path: "blob", vault: expectation.vault, resident: expectation.resident, content: .personaPackage,
            generation: Generation(number: 4, headerHash: [UInt8](repeating: 1, count: 32)))
        let fault = faultOf { () throws(VaultError) in try sample.open(sample.bytes, expectation) }
        #expect(fault?.field == "header hash")
        #expect(fault?.expected == "blake3:" + String(repeating: "01", count: 32))
    }

    @Test("padding that is not zeros is refused")
    func paddingIsZeros() throws {
        // Sealed with 100 bytes, said to be 99: Padmé of both is 104.
        let sample = try BlobSample(count: 100, declared: 99)
        #expect(Padme.paddedCount(99) == Padme.paddedCount(100))
        let fault = faultOf { () throws(VaultError) in try sample.open(sample.bytes) }
        #expect(fault?.field == "padding")
    }

    @Test("the wrong key id and the wrong key are told apart")
    func wrongKeys() throws {
        let sample = try BlobSample(count: 10)
        let wrongID = faultOf { () throws(VaultError) in
            try Blob.open(
                sample.bytes, expecting: sample.expectation(), pekID: VaultFixture.identifier(8),
                pek: sample.pek.bytes)
        }
        #expect(wrongID?.field == "key id")
        let wrongKey = faultOf { () throws(VaultError) in
            try Blob.open(
                sample.bytes, expecting: sample.expectation(), pekID: BlobSample.pekID,
                pek: RandomSource.system.secret(32))
        }
        #expect(wrongKey?.field == "wrapped key commitment")
    }
}

@Suite struct BlobHeaderTests {
    /// Offset, value, and the field that must be named.
    static let unlisted: [(Int, [UInt8], String)] = [
        (0, [0x88], "magic"), (8, [0, 2], "version"), (10, [0, 2], "suite"), (12, [1, 0x1D], "header length"),
        (14, [0, 2], "stanza count"), (112, [0, 0, 0, 0, 4, 0, 0, 1], "plaintext length"),
        (112, [0x80, 0, 0, 0, 0, 0, 0, 1], "plaintext length"), (120, [0], "content type"), (120, [3], "content type"),
        (121, [1], "compression"), (122, [2], "padding"), (123, [1], "reserved byte"), (124, [0, 2], "stanza type"),
        (126, [0, 17], "stanza key id length"), (128, [0, 0, 0, 105], "stanza body length"),
    ]

    @Test("values that the format does not list are refused by name", arguments: unlisted)
    func refusesUnlisted(offset: Int, value: [UInt8], field: String) throws {
        var bytes = Array(try BlobSample(count: 10).bytes.prefix(BlobHeader.count))
        _ = try BlobHeader.parse(bytes, path: "blob")
        bytes.replaceSubrange(offset..<offset + value.count, with: value)
        #expect {
            try BlobHeader.parse(bytes, path: "blob")
        } throws: { error in
            guard case .fault(let fault) = error as? VaultError else { return false }
            return fault.kind == .malformed && fault.field == field && fault.path == "blob"
        }
    }

    @Test("no bytes make the parsers of header and keyring trap")
    func fuzz() throws {
        let seed = RandomSource.system.uint64()
        var generator = SplitMix(state: seed)
        let header = Array(try BlobSample(count: 10).bytes.prefix(BlobHeader.count))
        let fixture = try VaultFixture()
        _ = try fixture.admit((1...3).map { VaultFixture.identifier($0) })
        let keyring = try readKeyring(fixture)
        for _ in 0..<20_000 {
            _ = try? BlobHeader.parse(generator.mutated(header), path: "")
            _ = try? Keyring.parse(generator.mutated(keyring), path: "")
        }
        _ = try Keyring.parse(keyring, path: "seed \(seed)")
    }

    @Test(
        "Padmé lengths",
        arguments: [
            (0, 0), (1, 1), (2, 2), (7, 7), (8, 8), (9, 10), (73, 80), (99, 104), (100, 104), (1_000, 1_024),
            (40_000, 40_960), (67_108_864, 67_108_864),
        ])
    func padme(count: Int, padded: Int) { #expect(Padme.paddedCount(count) == padded) }

    @Test("Padmé grows, never shrinks, and adds at most 12 %")
    func padmeBounds() {
        var last = 0
        for count in 0..<100_000 {
            let padded = Padme.paddedCount(count)
            if padded < count || padded < last || (padded - count) * 100 > 12 * max(count, 8) {
                Issue.record("\(count) -> \(padded)")
                return
            }
            last = padded
        }
    }

    @Test("file names are read exactly as they are written")
    func names() throws {
        let resident = VaultFixture.identifier(0xAB)
        for kind in [BlobName.Kind.generation(0), .generation(.max), .episode(7), .spare, .unfinished] {
            #expect(BlobName(BlobName(resident, kind).text) == BlobName(resident, kind))
        }
        let digits = resident.hexDigits
        for text in [
            "", digits, "\(digits).blob", "\(digits).01.blob", "\(digits).+1.blob", "\(digits).-1.blob",
            "\(digits).1.blob.", "\(digits.uppercased()).1.blob", "\(resident).1.blob", "\(digits).e.blob",
            "\(digits).18446744073709551616.blob", "\(digits).1.spare",
        ] {
            #expect(BlobName(text) == nil, "\(text)")
        }
    }
}

/// A small deterministic generator (SplitMix64), so that a failing input can be made again from its seed.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// The bytes with some of them changed, cut off or added.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int(next() % 4) + 1 where !bytes.isEmpty {
            bytes[Int(next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: next())
        }
        switch next() % 8 {
        case 0: return Array(bytes.prefix(Int(next() % UInt64(bytes.count + 1))))
        case 1: return bytes + [UInt8](repeating: UInt8(truncatingIfNeeded: next()), count: Int(next() % 64))
        default: return bytes
        }
    }
}
