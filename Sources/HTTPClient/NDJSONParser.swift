// Newline-delimited JSON: lines out of chunks of any size; what the lines hold is the caller's business.

/// Turns chunks of bytes into lines, without their line feeds; empty lines are left out.
public struct NDJSONParser: Sendable {
    private var splitter: LineSplitter
    private var failure: StreamFormatError?

    /// A parser at the start of a stream, with the longest line that is accepted, in bytes.
    public init(maximumLineBytes: Int = 16_777_216) {
        splitter = LineSplitter(maximumLineBytes: maximumLineBytes, endings: .lineFeedOnly)
    }

    /// Takes the next bytes of the stream and returns the lines that they complete.
    public mutating func push(_ chunk: [UInt8]) throws(StreamFormatError) -> [[UInt8]] {
        if let failure { throw failure }
        var lines: [[UInt8]] = []
        do throws(StreamFormatError) {
            var offset = 0
            while let line = try splitter.next(in: chunk, from: &offset) {
                let text = line.last == 0x0D ? line.dropLast() : line
                if !text.isEmpty { lines.append(Array(text)) }
            }
        } catch {
            failure = error
            throw error
        }
        return lines
    }

    /// Ends the stream and returns the last line if it lacks its line feed, nil otherwise.
    public mutating func finish() throws(StreamFormatError) -> [UInt8]? {
        if let failure { throw failure }
        let rest = splitter.takeRest()
        return rest.isEmpty ? nil : rest
    }
}
