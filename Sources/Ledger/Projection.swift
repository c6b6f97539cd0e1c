// Tables derived from the spans: kept up with each commit, made anew from the spans alone.
public import SQLite

/// Tables that follow from the spans; losing them loses nothing.
public protocol Projection: Sendable {
    /// A name of its own, under which its progress and its tables are kept.
    var name: String { get }
    /// The steps that make its tables; steps are only ever added at the end.
    var migrations: [String] { get }
    /// Brings the tables up to date with one more span, in the transaction that appends it.
    ///
    /// Throwing refuses the request that brought the span. Only this projection's own tables may be changed.
    func apply(_ span: Span, in connection: Connection) throws
}

/// Tables that are no projection and no span, such as a journal: made at opening, never dropped or rebuilt.
public struct LedgerSchema: Sendable {
    /// A name of its own.
    public let name: String
    /// The steps that make the tables; steps are only ever added at the end.
    public let steps: [String]

    /// A schema of that name.
    public init(name: String, steps: [String]) {
        self.name = name
        self.steps = steps
    }
}

/// Makes, catches up, and rebuilds projections on the writer's connection.
struct Projector {
    let projections: [any Projection]

    /// Makes what tables are missing and applies the spans that a projection has not seen.
    func prepare(_ connection: Connection) throws {
        for projection in projections {
            try connection.transaction {
                try makeTables(of: projection, in: connection)
                try catchUp(projection, in: connection)
            }
        }
    }

    /// Applies the spans of one request to all.
    func apply(_ spans: [Span], in connection: Connection) throws {
        for projection in projections {
            for span in spans { try projection.apply(span, in: connection) }
        }
    }

    /// Keeps that all have come so far, in the transaction that applied the spans.
    func keep(size: Int, in connection: Connection) throws {
        for projection in projections {
            try connection.run("UPDATE projection SET size = ? WHERE name = ?", .int(size), .text(projection.name))
        }
    }

    /// Drops every table of every projection and makes it anew from the spans, all in one transaction.
    func rebuild(_ connection: Connection) throws {
        try connection.transaction {
            // Tables of one projection may refer to another's, whose rows are gone in between.
            try connection.execute("PRAGMA defer_foreign_keys = ON")
            for projection in projections {
                try dropTables(of: projection, in: connection)
                try makeTables(of: projection, in: connection)
                try catchUp(projection, in: connection)
            }
        }
    }

    private func makeTables(of projection: any Projection, in connection: Connection) throws {
        let before = Set(try objects(connection).map(\.name))
        try connection.migrate("projection \(projection.name)", steps: projection.migrations)
        for object in try objects(connection) where !before.contains(object.name) {
            try connection.run(
                "INSERT INTO projection_object (name, projection, type) VALUES (?, ?, ?)", .text(object.name),
                .text(projection.name), .text(object.type))
        }
        try connection.run(
            "INSERT INTO projection (name, size) VALUES (?, 0) ON CONFLICT (name) DO NOTHING", .text(projection.name))
    }

    private func dropTables(of projection: any Projection, in connection: Connection) throws {
        let own = try connection.rows(
            "SELECT name, type FROM projection_object WHERE projection = ? "
                + "ORDER BY CASE type WHEN 'view' THEN 0 WHEN 'trigger' THEN 1 ELSE 2 END, name DESC",
            [.text(projection.name)]
        ) { (name: $0.text(0), type: $0.text(1)) }
        for object in own {
            let name = object.name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            try connection.execute("DROP \(object.type.uppercased()) IF EXISTS \"\(name)\"")
        }
        try connection.run("DELETE FROM projection_object WHERE projection = ?", .text(projection.name))
        try connection.run("DELETE FROM projection WHERE name = ?", .text(projection.name))
        try connection.forgetMigrations("projection \(projection.name)")
    }

    private func catchUp(_ projection: any Projection, in connection: Connection) throws {
        var seen = Int(
            try connection.integer("SELECT size FROM projection WHERE name = ?", .text(projection.name)) ?? 0)
        let size = try connection.spanCount()
        while seen < size {
            let batch = try connection.spans("WHERE position >= ? ORDER BY position LIMIT 256", [.int(seen)])
            guard let last = batch.last else { break }
            for span in batch { try projection.apply(span, in: connection) }
            seen = last.position + 1
        }
        try connection.run("UPDATE projection SET size = ? WHERE name = ?", .int(seen), .text(projection.name))
    }

    private func objects(_ connection: Connection) throws -> [(name: String, type: String)] {
        try connection.rows(
            "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view', 'trigger') "
                + "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        ) { (name: $0.text(0), type: $0.text(1)) }
    }
}
