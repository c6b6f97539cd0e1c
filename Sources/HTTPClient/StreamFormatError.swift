// What can be wrong with a stream of lines or events.

/// Why a stream of events or lines cannot be read on; the parser that threw it stays unusable.
public enum StreamFormatError: Error, Equatable, Sendable {
    /// A line is longer than the limit, in bytes.
    case lineTooLong(limit: Int)
    /// The lines of one event hold more data than the limit, in bytes.
    case eventTooLarge(limit: Int)
    /// The stream ended inside an event.
    case unfinishedEvent
}
