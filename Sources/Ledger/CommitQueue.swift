// The bounded queue before the writer: what gathers while one group commits is the next group.
internal import Glibc
internal import SQLite
internal import Synchronization

/// What one caller asks of the writer: spans, effects in the same transaction, and where the answer goes.
struct AppendRequest: Sendable {
    let drafts: [SpanDraft]
    let effects: (@Sendable (Connection) throws -> Void)?
    let answer: @Sendable (Result<[Span], any Error>) -> Void
}

/// Requests that wait for the writer.
///
/// A caller that finds it full waits until a group has been taken.
final class CommitQueue: Sendable {
    /// The most spans of one group, and so of one request.
    static let groupLimit = 256
    /// How long a group waits for company at most.
    static let companyWait = timespec(tv_sec: 0, tv_nsec: 1_500_000)
    /// A group of so many spans waits for nothing: what is shared weighs little in it.
    static let enoughSpans = 64

    private struct State {
        var waiting: [AppendRequest] = []
        var latecomers: [CheckedContinuation<Void, Never>] = []
        var isScheduled = false
        var isClosed = false
        /// Whether the last group was of more than one request: callers come side by side.
        var isCrowded = false
    }

    private let state = Mutex(State())
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    /// Puts a request in, once there is room; true where the writer has to be woken.
    ///
    /// Throws once it is closed.
    func put(_ request: AppendRequest) async throws(LedgerError) -> Bool {
        while true {
            let outcome = state.withLock { state -> Bool? in
                if state.isClosed { return false }
                guard state.waiting.count < capacity else { return nil }
                state.waiting.append(request)
                return true
            }
            switch outcome {
            case false: throw .closed
            case true: return schedule()
            case nil: await waitForRoom()
            }
        }
    }

    /// Blocks the writer for a moment where callers come side by side, so that more of them share the next flush.
    ///
    /// A commit of one request costs nearly as much as one of ten: the same pages are written and flushed, and the head
    /// is signed and put in place once. A caller alone, and a large group, wait for nobody.
    func awaitCompany() {
        let isWorthwhile = state.withLock { state in
            state.isCrowded && !state.isClosed
                && state.waiting.reduce(0) { $0 + max(1, $1.drafts.count) } < Self.enoughSpans
        }
        guard isWorthwhile else { return }
        var pause = Self.companyWait
        // Broken off by a signal, the group is only smaller.
        nanosleep(&pause, nil)
    }

    /// The next group: whole requests with at most `groupLimit` spans together.
    ///
    /// Lets waiting callers in.
    func takeGroup() -> [AppendRequest] {
        let (group, latecomers) = state.withLock { state in
            var spans = 0
            var count = 0
            // A request without spans still has effects, which are counted as one so that a group stays short.
            while count < state.waiting.count {
                spans += max(1, state.waiting[count].drafts.count)
                if spans > Self.groupLimit { break }
                count += 1
            }
            let group = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(count)
            state.isCrowded = count > 1
            let latecomers = state.latecomers
            state.latecomers = []
            return (group, latecomers)
        }
        for caller in latecomers { caller.resume() }
        return group
    }

    /// Called after a group: true where more has gathered and the writer has to go on.
    func hasMore() -> Bool {
        state.withLock { state in
            state.isScheduled = !state.waiting.isEmpty
            return state.isScheduled
        }
    }

    /// Lets nothing further in; what waits already is still written.
    func close() {
        let latecomers = state.withLock { state in
            state.isClosed = true
            defer { state.latecomers = [] }
            return state.latecomers
        }
        for caller in latecomers { caller.resume() }
    }

    private func schedule() -> Bool {
        state.withLock { state in
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
    }

    private func waitForRoom() async {
        await withCheckedContinuation { continuation in
            let hasRoom = state.withLock { state in
                if state.waiting.count < capacity || state.isClosed { return true }
                state.latecomers.append(continuation)
                return false
            }
            if hasRoom { continuation.resume() }
        }
    }
}
