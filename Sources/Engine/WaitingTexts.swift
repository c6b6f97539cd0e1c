// Opened texts of runs that wait for a provider: let go of after a while, and opened again when they are needed.
import Encoding
import Synchronization

/// The runs of an engine that wait; one task looks through all of them, for as long as there are any.
final class WaitingTexts: Sendable {
    private struct State {
        var texts: [UInt64: (since: UInt64, release: @Sendable () -> Void)] = [:]
        var next: UInt64 = 0
        var isWatched = false
        var released = 0
        /// How many of them since memory was last given back.
        var releasedSince = 0
    }

    /// So many texts leave tens of MiB free between what is still held, which the allocator would keep.
    private static let textsGivenBackAtOnce = 256

    private let state = Mutex(State())
    /// How long a text is kept for an answer that comes soon: opening it again is dear.
    private let patienceMilliseconds: Int64
    private let clock: @Sendable () -> UInt64
    private let sleep: @Sendable (_ milliseconds: Int64) async throws -> Void
    private let giveBack: @Sendable () -> Void

    /// - Parameters:
    ///   - patienceMilliseconds: how long a text is kept.
    ///   - clock: nanoseconds that never go back.
    ///   - sleep: how to wait.
    ///   - giveBack: gives freed memory back to the system, called once for many texts.
    init(
        patienceMilliseconds: Int64, clock: @escaping @Sendable () -> UInt64,
        sleep: @escaping @Sendable (_ milliseconds: Int64) async throws -> Void,
        giveBack: @escaping @Sendable () -> Void
    ) {
        self.patienceMilliseconds = max(1, patienceMilliseconds)
        self.clock = clock
        self.sleep = sleep
        self.giveBack = giveBack
    }

    /// How many texts were let go of so far.
    var released: Int { state.withLock { $0.released } }

    /// A text that waits from now on, and may be let go of once it has waited for long; a number to leave by.
    func enter(_ release: @escaping @Sendable () -> Void) -> UInt64 {
        let (place, mustWatch) = state.withLock { state -> (UInt64, Bool) in
            state.next += 1
            state.texts[state.next] = (clock(), release)
            defer { state.isWatched = true }
            return (state.next, !state.isWatched)
        }
        if mustWatch { Task { await self.watch() } }
        return place
    }

    /// The text waits no more.
    func leave(_ place: UInt64) { state.withLock { _ = $0.texts.removeValue(forKey: place) } }

    private func watch() async {
        while true {
            do { try await sleep(max(1, patienceMilliseconds / 4)) } catch { break }
            let now = clock()
            // Under the lock: who has left is not let go of any more, and may read its text.
            let (isOver, givesBack) = state.withLock { state in
                let patience = UInt64(patienceMilliseconds) * 1_000_000
                for (place, text) in state.texts where now &- text.since >= patience {
                    text.release()
                    state.released += 1
                    state.releasedSince += 1
                    state.texts[place] = nil
                }
                if state.texts.isEmpty { state.isWatched = false }
                let givesBack = state.releasedSince >= Self.textsGivenBackAtOnce
                if givesBack { state.releasedSince = 0 }
                return (state.texts.isEmpty, givesBack)
            }
            if givesBack { giveBack() }
            if isOver { return }
        }
        state.withLock { $0.isWatched = false }
    }
}
