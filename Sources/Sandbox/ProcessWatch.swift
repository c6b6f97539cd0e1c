// One child's pipes, limits and end: everything is waited for with poll, and nothing for longer than allowed.
internal import CPosix
internal import Encoding
internal import Glibc

/// Stays with a child until it is gone and collected.
struct ProcessWatch {
    /// How long a program may take to end by itself once the conversation is over, in nanoseconds.
    private static let grace: UInt64 = 1_000_000_000
    /// How long the processes of a killed sandbox may take to be gone, in milliseconds.
    private static let lastMoments: Int32 = 10_000

    let child: Child
    let limits: SandboxLimits
    let stop: StopEvent
    let group: ControlGroup?
    let monotonic: @Sendable () -> UInt64

    private var openInput: Descriptor?
    private var openOutput: Descriptor?
    private var openErrors: Descriptor?
    private var openStatus: Descriptor?
    private var output = CapturedOutput()
    private var errors = CapturedOutput()
    private var status: [UInt8] = []
    private var firstProcess: FirstProcess?
    private var unsent: ArraySlice<UInt8> = []
    private var inputEnds = false
    private var isOver = false
    private var reason: StopReason?
    private var isKilled = false
    private let started: UInt64
    private var lastByte: UInt64
    private var patience: UInt64?
    private var farewell: UInt64?

    init(
        child: Child, pipes: ProcessPipes, limits: SandboxLimits, stop: StopEvent, group: ControlGroup?,
        monotonic: @escaping @Sendable () -> UInt64
    ) {
        self.child = child
        self.limits = limits
        self.stop = stop
        self.group = group
        self.monotonic = monotonic
        openInput = pipes.input
        openOutput = pipes.output
        openErrors = pipes.errors
        openStatus = pipes.status
        started = monotonic()
        lastByte = started
    }

    /// Lets the speaker converse until the program ends or is ended, and says what came of it.
    mutating func converse<Speaker: Dialogue>(with first: Speaker) throws(SandboxError) -> SandboxRun<Speaker> {
        var speaker = first
        take(speaker.begin())
        var hasEnded = false
        while !hasEnded || openOutput != nil || openErrors != nil || openStatus != nil {
            let wasOver = hasEnded
            let ready = wait(forEnd: !hasEnded)
            if ready.contains(stop.descriptor), !isKilled { kill(.cancelled) }
            if ready.contains(child.process.raw) { hasEnded = true }
            send()
            for bytes in readOutput() where !isOver { take(speaker.receive(bytes)) }
            readErrors()
            readStatus()
            // Behind the end nothing more is written: once a look finds nothing, no end of a pipe need be waited for.
            if wasOver, ready.isEmpty { closeAll() }
            checkLimits()
            if let due = patience, monotonic() >= due, !isOver {
                patience = nil
                take(speaker.runOutOfPatience())
            }
        }
        if isKilled { firstProcess?.waitForEnd(milliseconds: Self.lastMoments) }
        return try finished(speaker)
    }

    private mutating func take(_ step: DialogueStep) {
        unsent += step.send
        if step.endsInput || step.isOver { inputEnds = true }
        if let milliseconds = step.patience { patience = monotonic() + UInt64(max(0, milliseconds)) * 1_000_000 }
        if step.isOver, !isOver {
            isOver = true
            farewell = monotonic() + Self.grace
        }
        send()
    }

    /// Sends what the pipe takes; a program that closed its input misses the rest.
    private mutating func send() {
        guard let pipe = openInput else { return }
        while !unsent.isEmpty {
            let count = unsent.withUnsafeBytes { write(pipe.raw, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                if errno == EAGAIN { return }
                unsent = []
                pipe.shut()
                openInput = nil
                return
            }
            unsent = unsent.dropFirst(count)
        }
        if inputEnds {
            pipe.shut()
            openInput = nil
        }
    }
}

extension ProcessWatch {
    /// The descriptors that have something to say; none when a limit is to be looked at.
    private func wait(forEnd waitsForEnd: Bool) -> Set<Int32> {
        var polls: [pollfd] = []
        func add(_ descriptor: Int32?, _ events: Int32) {
            if let descriptor { polls.append(pollfd(fd: descriptor, events: Int16(events), revents: 0)) }
        }
        add(openOutput?.raw, POLLIN)
        add(openErrors?.raw, POLLIN)
        add(openStatus?.raw, POLLIN)
        if !unsent.isEmpty { add(openInput?.raw, POLLOUT) }
        if waitsForEnd { add(child.process.raw, POLLIN) }
        if !isKilled { add(stop.descriptor, POLLIN) }
        let count = poll(&polls, nfds_t(polls.count), waitsForEnd ? timeout() : 0)
        guard count > 0 else { return [] }
        return Set(polls.filter { $0.revents != 0 }.map(\.fd))
    }

    /// Milliseconds until the next limit.
    private func timeout() -> Int32 {
        guard !isKilled else { return -1 }
        let now = monotonic()
        var due = min(wallEnd, lastByte + UInt64(limits.idleSeconds) * 1_000_000_000)
        if let patience, !isOver { due = min(due, patience) }
        if let farewell { due = min(due, farewell) }
        return due <= now ? 0 : Int32(min((due - now) / 1_000_000 + 1, 600_000))
    }

    private var wallEnd: UInt64 { started + UInt64(limits.wallSeconds) * 1_000_000_000 }

    private mutating func checkLimits() {
        guard !isKilled else { return }
        let now = monotonic()
        if output.total > SandboxLimits.outputBytes || errors.total > SandboxLimits.outputBytes {
            kill(.output)
        } else if now >= wallEnd {
            kill(.wall)
        } else if let farewell, now >= farewell {
            kill(nil)
        } else if now >= lastByte + UInt64(limits.idleSeconds) * 1_000_000_000 {
            kill(.idle)
        }
    }

    /// Kills bubblewrap and the first process of the sandbox, and with that all the others.
    ///
    /// Until that first process has a session of its own it is in bubblewrap's group and killed with it, in one call;
    /// before it leaves the group bubblewrap has said which it is.
    private mutating func kill(_ reason: StopReason?) {
        isKilled = true
        if self.reason == nil { self.reason = reason }
        readStatus()
        let hadReported = !status.isEmpty
        _ = Glibc.kill(-child.number, SIGKILL)
        _ = shim_pidfd_kill(child.process.raw)
        readStatus()
        if !hadReported { firstProcess = FirstProcess(report: status, childOf: nil) }
        firstProcess?.kill()
        group?.kill()
    }

    private mutating func closeAll() {
        openOutput = nil
        openErrors = nil
        openStatus = nil
    }
}

extension ProcessWatch {
    private mutating func readOutput() -> [ArraySlice<UInt8>] {
        guard let pipe = openOutput else { return [] }
        let (chunk, isAtEnd) = Self.read(pipe)
        if isAtEnd { openOutput = nil }
        guard !chunk.isEmpty else { return [] }
        output.append(chunk)
        lastByte = monotonic()
        return [chunk]
    }

    private mutating func readErrors() {
        guard let pipe = openErrors else { return }
        let (chunk, isAtEnd) = Self.read(pipe)
        if isAtEnd { openErrors = nil }
        guard !chunk.isEmpty else { return }
        errors.append(chunk)
        lastByte = monotonic()
    }

    private mutating func readStatus() {
        guard let pipe = openStatus else { return }
        let (chunk, isAtEnd) = Self.read(pipe)
        if isAtEnd { openStatus = nil }
        if status.count < 4096 { status += chunk }
        if firstProcess == nil { firstProcess = FirstProcess(report: status, childOf: child.number) }
    }

    /// What is there now, at most one buffer of it, and whether there will never be more.
    private static func read(_ pipe: Descriptor) -> (ArraySlice<UInt8>, Bool) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(pipe.raw, &buffer, buffer.count)
            if count > 0 { return (buffer[..<count], false) }
            if count == 0 { return ([], true) }
            if errno == EINTR { continue }
            return ([], errno != EAGAIN)
        }
    }

    /// Collects the child and tells the program's end from the sandbox's.
    private mutating func finished<Speaker: Dialogue>(
        _ speaker: Speaker
    ) throws(SandboxError) -> SandboxRun<Speaker> {
        var raw: Int32 = 0
        var used: Int64 = 0
        guard shim_collect(child.number, &raw, &used) == 0 else { throw .lost(signal: 0) }
        group?.remove()
        let end: ProgramEnd
        if let reason {
            end = .stopped(reason)
        } else if isKilled {
            end = .dismissed
        } else if let code = Self.exitCode(status) {
            end = isOver ? .dismissed : .exited(code)
        } else if raw & 0x7F != 0 {
            throw .lost(signal: raw & 0x7F)
        } else {
            let diagnostic = Self.diagnostic(errors)
            if diagnostic.contains("namespace") { throw .unavailable(.userNamespaces) }
            throw .setupFailed(diagnostic: diagnostic)
        }
        return SandboxRun(
            end: end, output: output, errors: errors, speaker: speaker,
            milliseconds: Int((monotonic() - started) / 1_000_000), cpuMicroseconds: Int(used))
    }

    /// bubblewrap tells the exit code only of a program that it came to start.
    private static func exitCode(_ status: [UInt8]) -> Int32? {
        for line in status.split(separator: UInt8(ascii: "\n")) {
            if let json = try? JSON.parse(Array(line)), let code = json["exit-code"]?.integer {
                return Int32(truncatingIfNeeded: code)
            }
        }
        return nil
    }

    private static func diagnostic(_ errors: CapturedOutput) -> String {
        let line = errors.text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("bwrap: ") }
        return String((line ?? "bubblewrap said nothing").prefix(200))
    }
}
