// Older history leaves the package, so that a run costs no more as a resident grows old.
internal import Encoding

/// What a package says of the history that has left it.
public struct MovedHistory: Sendable, Hashable {
    /// The number of the first episode that holds history; all after it do.
    public let firstEpisode: Int
    /// Messages in all of them.
    public internal(set) var messages: Int
    /// The number of the last segment that is in one.
    public internal(set) var lastSegment: Int
    var unknown: JSONObject = [:]

    init(firstEpisode: Int, messages: Int, lastSegment: Int) {
        self.firstEpisode = firstEpisode
        self.messages = messages
        self.lastSegment = lastSegment
    }
}

extension PersonaPackage {
    /// Takes the oldest closed segments out, for one episode, where the package holds more history than it should.
    ///
    /// Call it again until it gives nil: what leaves at once may be more than one episode takes. The same package
    /// gives the same episode, so that a run that was interrupted behind it makes it again.
    ///
    /// - Parameter number: the number that the episode will have.
    public mutating func takeEpisode(number: Int) -> Episode? {
        guard number < PersonaLimits.episodes, history.textBytes > PersonaLimits.historyBytes else { return nil }
        var taken: [HistorySegment] = []
        var bytes = 0
        var left = history.textBytes
        for segment in history.segments.dropLast() {
            guard segment.isClosed, left > PersonaLimits.historyKeptBytes,
                taken.isEmpty || bytes + segment.textBytes <= PersonaLimits.episodeBytes
            else { break }
            taken.append(segment)
            bytes += segment.textBytes
            left -= segment.textBytes
        }
        guard let last = taken.last else { return nil }
        history.segments.removeFirst(taken.count)
        var moved = history.moved ?? MovedHistory(firstEpisode: number, messages: 0, lastSegment: 0)
        moved.messages += taken.reduce(0) { $0 + $1.count }
        moved.lastSegment = last.number
        history.moved = moved
        return Episode(resident: id, segments: taken)
    }
}
