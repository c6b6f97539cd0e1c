// The newest public posts, kept in memory from one reading of the record to the next.
import Encoding
import SQLite
import Synchronization

/// The newest posts, of which the runs of a night see nearly the same: a reading fetches only what has come since.
///
/// Posts come and never go, but where the tables were made anew or another state is read: then the last one that was
/// read does not stand where it stood, and all are read again.
final class NewestPosts: Sendable {
    /// How many are kept: what a run sees, its own posts, and those whose day has not come.
    static let capacity = 128

    private struct Entry {
        let position: Int64
        let post: Post

        func isNewer(than other: Entry) -> Bool { (post.at, position) > (other.post.at, other.position) }
    }

    private struct Held {
        /// Newest first.
        var entries: [Entry] = []
        /// The last post of the record, which need not be among the newest.
        var last: Entry?
        /// Whether there are no others.
        var isAll = true

        mutating func add(_ entry: Entry) {
            entries.insert(entry, at: entries.firstIndex { entry.isNewer(than: $0) } ?? entries.count)
            guard entries.count > NewestPosts.capacity else { return }
            entries.removeLast()
            isAll = false
        }
    }

    private let held = Mutex(Held())

    /// Posts of others up to an instant, newest first, without the names of their authors.
    func feed(limit: Int, excluding resident: Identifier, asOf now: Instant, in connection: Connection) throws -> [Post]
    {
        let found: [Post]? = try held.withLock { held in
            try Self.renew(&held, in: connection)
            var found: [Post] = []
            for entry in held.entries where found.count < limit {
                if entry.post.at <= now, entry.post.resident != resident { found.append(entry.post) }
            }
            return held.isAll || found.count >= limit ? found : nil
        }
        return try found
            ?? CommunityTables.feed(limit: limit, excluding: resident, asOf: now, isNamed: false, in: connection)
    }

    private static func renew(_ held: inout Held, in connection: Connection) throws {
        if let last = held.last {
            let since = try entries(
                "WHERE position >= ? ORDER BY position LIMIT ?", [.integer(last.position), .int(capacity)], connection)
            if let first = since.first, first.position == last.position, first.post == last.post,
                since.count < capacity
            {
                for entry in since.dropFirst() { held.add(entry) }
                held.last = since.last
                return
            }
        }
        // Whole or not at all: half of it would stand for all posts that there are.
        var fresh = Held()
        fresh.last = try entries("ORDER BY position DESC LIMIT 1", [], connection).first
        fresh.entries = try entries("ORDER BY at DESC, position DESC LIMIT ?", [.int(capacity)], connection)
        fresh.isAll = fresh.entries.count < capacity
        held = fresh
    }

    private static func entries(
        _ selection: String, _ values: [SQLiteValue], _ connection: Connection
    ) throws -> [Entry] {
        try connection.rows(
            "SELECT id, resident, NULL, at, title, text, rehearsed, position FROM community_post \(selection)", values
        ) { Entry(position: $0.integer(7), post: try CommunityTables.post($0)) }
    }
}
