// The daemon's log: one event a line, as key=value on standard error or as JSON on standard output; public facts alone.
import Encoding
import Engine
import Glibc
import Providers
import Scheduler

/// Puts events into lines.
struct DaemonLog: Sendable {
    /// How much a line matters, by the numbers of syslog (RFC 5424, section 6.2.1).
    enum Level: Int, Sendable {
        case error = 3
        case warning = 4
        case notice = 5
        case info = 6

        var word: String {
            switch self {
            case .error: "error"
            case .warning: "warning"
            case .notice: "notice"
            case .info: "info"
            }
        }
    }

    let output: Output
    let now: @Sendable () -> Instant
    /// Whether standard error goes to the journal, which reads the level from the line's beginning.
    let isJournal: Bool

    init(_ call: Invocation) {
        output = call.output
        now = call.surroundings.time.now
        isJournal = Self.isJournal(call.environment["JOURNAL_STREAM"])
    }

    /// Writes an event down.
    var tell: @Sendable (DaemonEvent) -> Void {
        { event in for line in lines(of: event) { write(line) } }
    }

    /// One line before it is written.
    struct Line: Sendable {
        let level: Level
        let event: String
        var fields = JSONObject()
    }

    func write(_ line: Line) {
        guard !output.isQuiet || line.level.rawValue < Level.notice.rawValue else { return }
        var object: JSONObject = [
            "time": .string(now().rfc3339), "level": .string(line.level.word), "event": .string(line.event),
        ]
        for (key, value) in line.fields { object[key] = value }
        if output.isJSON { return output.event(.object(object)) }
        let text = object.filter { !$0.value.isNull }.map { "\($0.key)=\(Self.plain($0.value))" }
        output.log((isJournal ? "<\(line.level.rawValue)>" : "") + text.joined(separator: " "))
    }

    /// A value without blanks as it is, any other as a JSON text.
    private static func plain(_ value: JSON) -> String {
        guard let text = value.string else { return String(decoding: value.serialized(), as: UTF8.self) }
        let isWord = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x3D }
        return isWord ? text : String(decoding: JSON.string(shown(text, limit: 400)).serialized(), as: UTF8.self)
    }

    /// `JOURNAL_STREAM` names device and inode of the stream to the journal (systemd.exec(5)).
    private static func isJournal(_ variable: String?) -> Bool {
        var status = stat()
        guard let variable, fstat(STDERR_FILENO, &status) == 0 else { return false }
        return variable == "\(status.st_dev):\(status.st_ino)"
    }
}
