// What came of a run: how the program ended, what it wrote, what it used.

/// What came of running a program.
public struct SandboxRun<Speaker: Dialogue>: Sendable {
    /// How it ended.
    public let end: ProgramEnd
    /// What it wrote on standard output.
    public let output: CapturedOutput
    /// What it wrote on standard error.
    public let errors: CapturedOutput
    /// The speaker as the conversation left it.
    public let speaker: Speaker
    /// From start to end, in milliseconds.
    public let milliseconds: Int
    /// Processor time of all its processes, in microseconds, bubblewrap's own included.
    public let cpuMicroseconds: Int
}

/// How a program ended.
public enum ProgramEnd: Sendable, Hashable {
    /// It ended by itself with this exit code; 128 and a signal's number where a signal ended it.
    case exited(Int32)
    /// The conversation was over and it was told to go.
    case dismissed
    /// It was killed for passing a limit.
    case stopped(StopReason)
}

/// Why a program was killed.
public enum StopReason: String, Sendable, Hashable {
    /// It ran too long.
    case wall
    /// It wrote nothing for too long.
    case idle
    /// It wrote too much.
    case output
    /// Whoever asked no longer wants the answer.
    case cancelled
}
