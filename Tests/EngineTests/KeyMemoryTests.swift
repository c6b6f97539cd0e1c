// No key of a resident lies in the process's memory while a provider is awaited (vault.md, "Memory").
import Community
import Cryptography
import Encoding
import Foundation
import Persona
import Providers
import Synchronization
import TestSupport
import Testing
import Vault

@testable import Engine

/// Looks for a secret in all the memory of this process, as somebody who reads it would.
private struct MemorySearch {
    private static let mask: UInt8 = 0x5A
    private static let pieceCount = 1 << 20
    /// Kept so that the search does not find itself.
    private let masked: [UInt8]

    /// For the bytes of a secret, or for their hex digits.
    init(for secret: SharedSecret, asDigits: Bool = false) {
        masked = secret.bytes.withUnsafeBytes { bytes in
            guard asDigits else { return bytes.map { $0 ^ Self.mask } }
            return bytes.flatMap { byte in
                [byte >> 4, byte & 15].map { ($0 < 10 ? 0x30 + $0 : 0x57 + $0) ^ Self.mask }
            }
        }
    }

    /// In how many places it is.
    func count() throws -> Int {
        let size = Self.pieceCount + 2 * masked.count
        let own = try #require(mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
        defer { munmap(own, size) }
        let needle = own + Self.pieceCount + masked.count
        for (place, byte) in masked.enumerated() {
            needle.storeBytes(of: byte ^ Self.mask, toByteOffset: place, as: UInt8.self)
        }
        defer { memset(own, 0, size) }
        let memory = open("/proc/self/mem", O_RDONLY)
        defer { close(memory) }
        try #require(memory >= 0)
        var found = 0
        for region in try Self.regions() where !region.contains(UInt(bitPattern: own)) {
            var at = region.lowerBound
            while at < region.upperBound {
                // Each piece begins with the end of the one before.
                let wanted = min(Self.pieceCount, Int(region.upperBound - at))
                let count = pread(memory, own, wanted, off_t(at))
                guard count > 0 else { break }
                found += Self.count(of: needle, masked.count, in: own, count)
                guard count > masked.count else { break }
                at += UInt(count < wanted || at + UInt(count) == region.upperBound ? count : count - masked.count + 1)
            }
        }
        return found
    }

    private static func count(
        of needle: UnsafeRawPointer, _ length: Int, in memory: UnsafeRawPointer, _ count: Int
    ) -> Int {
        var found = 0
        var start = memory
        let end = memory + (count - length + 1)
        let first = Int32(needle.load(as: UInt8.self))
        while start < end, let hit = memchr(start, first, end - start) {
            if memcmp(hit, needle, length) == 0 { found += 1 }
            start = UnsafeRawPointer(hit) + 1
        }
        return found
    }

    /// What can be read of memory that belongs to no file.
    private static func regions() throws -> [Range<UInt>] {
        // A file of the kernel's, which has no size to go by.
        let file = try #require(FileHandle(forReadingAtPath: "/proc/self/maps"))
        var maps = ""
        while let piece = try file.read(upToCount: 4_096), !piece.isEmpty {
            maps += String(decoding: piece, as: UTF8.self)
        }
        return maps.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            guard fields.count < 6 || fields[5] == "[heap]" || fields[5] == "[stack]", fields[1].hasPrefix("r") else {
                return nil
            }
            let bounds = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            return bounds.count == 2 ? bounds[0]..<bounds[1] : nil
        }
    }
}

@Suite struct KeyMemoryTests {
    @Test(
        "while a model is awaited the resident's inbox key is nowhere in memory, as bytes or digits"
    )
    func noKeyWhileAwaited() async throws {
        let home = try await TestHome()
        try await home.owned {
            _ = try await TestHome.admit(
                ["Mira"], prompt: "You keep the lamps.", model: ModelName(provider: "fake", model: "m") ?? .rehearsal,
                in: $0)
        }
        let searches = Mutex<[MemorySearch]>([])
        let found = Mutex<[[Int]]>([])
        let model = try FakeModel { _, body in
            let counts = searches.withLock { $0 }.map { (try? $0.count()) ?? -1 }
            found.withLock { $0.append(counts) }
            return FakeModel.round(of: body) == 0
                ? .call("post_to_website", ["content": "The lamps are lit."]) : .words("Good night.")
        }
        try await home.owned { house in
            let resident = try #require(try await house.residents().residents.first)
            let generation = try await house.truth(of: resident.id).generation
            do {
                let package = try OpenedResident.open(resident.id, generation, in: house.openedVault())
                let bytes = MemorySearch(for: package.inboxSecret)
                let digits = MemorySearch(for: package.inboxSecret, asDigits: true)
                #expect(try bytes.count() == 1)
                let line = SharedSecret(package.inboxSecret.bytes.hexLine())
                #expect(try digits.count() == 1)
                withExtendedLifetime(line) {}
                searches.withLock { $0 = [bytes, digits] }
            }
            let report = try await home.engine(house, providers: [model.settings()])
                .run(resident, trigger: .nightly, day: home.today)
            #expect(report.outcome == .done && report.rounds == 2, "\(report)")
            #expect(found.withLock { $0 } == [[0, 0], [0, 0]])
            // The key is the same afterwards.
            let next = try #require(try await house.residents().residents.first)
            let again = try await house.truth(of: next.id).generation
            #expect(again.number == generation.number + 1)
            let package = try OpenedResident.open(next.id, again, in: house.openedVault())
            let afterwards = try searches.withLock { $0 }.map { try $0.count() }
            #expect(afterwards == [1, 0])
            withExtendedLifetime(package) {}
        }
        await model.stop()
    }
}
