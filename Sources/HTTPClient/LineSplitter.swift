// Lines out of chunks: bounded, and without copying lines that lie within one chunk.

/// Cuts a stream of bytes into lines.
struct LineSplitter: Sendable {
    /// What ends a line.
    enum Endings: Sendable {
        /// LF.
        case lineFeedOnly
        /// LF, CR, or CR LF.
        case carriageReturnToo
    }

    private let maximumLineBytes: Int
    private let endings: Endings
    /// The beginning of a line whose end has not come yet.
    private var partial: [UInt8] = []
    /// Whether the last byte was a CR that ended a line, so that a LF would belong to it.
    private var followsCarriageReturn = false

    init(maximumLineBytes: Int, endings: Endings) {
        self.maximumLineBytes = maximumLineBytes
        self.endings = endings
    }

    /// Whether no byte of an unended line is held.
    var isAtLineStart: Bool { partial.isEmpty }

    /// The next line of the chunk from the offset on, without its ending; nil when the rest was put by.
    mutating func next(in chunk: [UInt8], from offset: inout Int) throws(StreamFormatError) -> ArraySlice<UInt8>? {
        if followsCarriageReturn, offset < chunk.count {
            if chunk[offset] == 0x0A { offset += 1 }
            followsCarriageReturn = false
        }
        let end = endOfLine(in: chunk, from: offset)
        guard partial.count + (end - offset) <= maximumLineBytes else {
            throw .lineTooLong(limit: maximumLineBytes)
        }
        guard end < chunk.count else {
            partial.append(contentsOf: chunk[offset...])
            offset = end
            return nil
        }
        followsCarriageReturn = chunk[end] == 0x0D
        let here = chunk[offset..<end]
        offset = end + 1
        if partial.isEmpty { return here }
        partial.append(contentsOf: here)
        return takeRest()[...]
    }

    /// Where the line ends that goes on at the offset; the chunk's end where it does not end there.
    private func endOfLine(in chunk: [UInt8], from offset: Int) -> Int {
        let other: UInt8 = endings == .lineFeedOnly ? 0x0A : 0x0D
        return chunk.withUnsafeBufferPointer { bytes in
            var end = offset
            while end < bytes.count, bytes[end] != 0x0A, bytes[end] != other { end &+= 1 }
            return end
        }
    }

    /// Takes the bytes of the line that was not ended.
    mutating func takeRest() -> [UInt8] {
        var rest: [UInt8] = []
        swap(&rest, &partial)
        return rest
    }
}
