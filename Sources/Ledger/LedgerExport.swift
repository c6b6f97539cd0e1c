// Exporting a ledger so that anybody can verify it offline: spans, description, sealed payloads.
internal import Cryptography
internal import Encoding
internal import Files
internal import SQLite

/// The names of an export's files.
enum ExportLayout {
    static let spans = "spans.ndjson"
    static let description = "ledger.json"
    static let sealed = "sealed"
}

extension Ledger {
    /// What an export wrote.
    public struct Exported: Sendable, Hashable {
        /// The number of spans.
        public let size: Int
        /// The hash of the last span.
        public let head: [UInt8]
        /// The number of sealed payloads.
        public let payloads: Int
    }

    /// Writes one consistent state into a new directory: `spans.ndjson`, `ledger.json`, `sealed/ID.SEQ`.
    ///
    /// Refused where the directory holds anything. Without payloads a verification says that they are not there.
    public func export(to directory: String, withPayloads: Bool = true) async throws -> Exported {
        let (origin, key) = (origin, key)
        return try await Reader(path: paths.database).run { connection in
            if Files.exists(directory), try !Files.list(directory).isEmpty {
                throw LedgerError.exists(path: directory)
            }
            try Files.createDirectory(directory)
            let tip = try Self.writeSpans(connection, to: "\(directory)/\(ExportLayout.spans)")
            let payloads = withPayloads ? try Self.writePayloads(connection, to: directory) : 0
            let description: JSON = [
                "origin": .string(origin), "public_key": .string(Hex.encode(key.bytes)),
                "size": .integer(Int64(tip.size)), "head": .string(HashText.blake3(tip.hash)),
            ]
            try Files.createExclusively(
                description.prettyPrinted() + [0x0A], at: "\(directory)/\(ExportLayout.description)")
            return Exported(size: tip.size, head: tip.hash, payloads: payloads)
        }
    }

    private static func writeSpans(_ connection: Connection, to path: String) throws -> ChainTip {
        var file = try ExportFile(path: path)
        try connection.forEachRow("SELECT bytes FROM span ORDER BY position") { row in
            try row.withBlob(0) { try file.write($0) }
            file.write(UInt8(ascii: "\n"))
        }
        try file.finish()
        return try connection.chainTip()
    }

    private static func writePayloads(_ connection: Connection, to directory: String) throws -> Int {
        let folder = "\(directory)/\(ExportLayout.sealed)"
        try Files.createDirectory(folder)
        var count = 0
        try connection.forEachRow("SELECT span_id, seq, ciphertext FROM sealed_payload") { row in
            guard let id = Identifier(bytes: row.blob(0)) else { return }
            var file = try ExportFile(path: "\(folder)/\(id).\(row.int(1))")
            try row.withBlob(2) { try file.write($0) }
            try file.finish()
            count += 1
        }
        try Files.syncDirectory(folder)
        return count
    }
}
