// The directory that all runs of a night share: read once for however many wait for it, and again when it is old.
import Community
import Synchronization
import TestSupport
import Testing

@testable import Engine

/// Counts readings, and holds the first back until it is told to go on.
private final class Readings: Sendable {
    let count = Atomic<Int>(0)
    let began = Signal()
    let goOn = Signal()

    func read() async throws -> ResidentDirectory {
        if count.add(1, ordering: .relaxed).newValue == 1 {
            began.raise()
            await goOn.wait()
        }
        return ResidentDirectory([])
    }
}

/// A clock that stands until it is set.
private final class HeldClock: Sendable {
    private let value = Atomic<UInt64>(0)
    var now: UInt64 {
        get { value.load(ordering: .relaxed) }
        set { value.store(newValue, ordering: .relaxed) }
    }
}

@Suite struct DirectoryCacheTests {
    private func read(_ cache: DirectoryCache, _ clock: HeldClock, _ readings: Readings) async throws {
        _ = try await cache.directory(by: { clock.now }, read: { try await readings.read() })
    }

    @Test("many runs that begin together wait for one reading")
    func oneReadingForAll() async throws {
        let (cache, clock, readings) = (DirectoryCache(), HeldClock(), Readings())
        try await withThrowingTaskGroup { group in
            group.addTask { try await read(cache, clock, readings) }
            await readings.began.wait()
            for _ in 0..<50 { group.addTask { try await read(cache, clock, readings) } }
            readings.goOn.raise()
            try await group.waitForAll()
        }
        #expect(readings.count.load(ordering: .relaxed) == 1)
    }

    @Test("it is read again when it is old, and a failed reading is not kept")
    func readAgain() async throws {
        let (cache, clock, readings) = (DirectoryCache(), HeldClock(), Readings())
        readings.goOn.raise()
        try await read(cache, clock, readings)
        try await read(cache, clock, readings)
        #expect(readings.count.load(ordering: .relaxed) == 1)
        clock.now = DirectoryCache.lifetime
        struct Failure: Error {}
        await #expect(throws: Failure.self) {
            _ = try await cache.directory(by: { clock.now }, read: { throw Failure() })
        }
        try await read(cache, clock, readings)
        #expect(readings.count.load(ordering: .relaxed) == 2)
    }
}
