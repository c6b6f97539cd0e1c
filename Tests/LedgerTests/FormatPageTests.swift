// The living table of docs/format.md says what the writer's declarations say, row by row.
import FoundationEssentials
import TestSupport
import Testing

@testable import Ledger

/// A row of the table: what follows `entity_type`, `this` not included.
private struct Row: Equatable {
    var metadata: Set<String> = []
    var further: Set<String> = []
}

private func rows() throws -> [String: Row] {
    let checkout = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    let page = String(decoding: try readFile("\(checkout)/docs/format.md"), as: UTF8.self)
    var rows: [String: Row] = [:]
    var isInTable = false
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
        if line.hasPrefix("| entity_type |") { isInTable = true } else if !line.hasPrefix("|") { isInTable = false }
        let cells = line.split(separator: "|").map { $0.split(separator: " ").joined(separator: " ") }
        guard isInTable, cells.count == 4 || cells.count == 3, cells[0].hasPrefix("`") else { continue }
        func fields(_ cell: String) -> Set<String> { Set(cell.split(separator: ",").map { words(of: $0) }) }
        rows[cells[0].filter { $0 != "`" }] = Row(
            metadata: fields(cells[2]), further: cells.count == 4 ? fields(cells[3]) : [])
    }
    return rows
}

private func words(of cell: Substring) -> String {
    cell.filter { $0 != "`" }.split(separator: " ").joined(separator: " ")
}

private func row(of declaration: Declaration) -> Row {
    var row = Row()
    for field in declaration.metadata {
        row.metadata.insert("\(field.name)\(field.isRequired ? "" : "?") \(word(of: field.kind))")
    }
    for field in declaration.content { row.further.insert("content.\(field.name)\(field.isRequired ? "" : "?")") }
    switch declaration.name {
    case .absent: break
    case .optional: row.further.insert("name?")
    case .required: row.further.insert("name")
    }
    if let status = declaration.status { row.further.insert("status \(status)") }
    if declaration.hasDuration { row.further.insert("duration_ms?") }
    return row
}

private func word(of kind: FieldKind) -> String {
    switch kind {
    case .vaultID: "vault id"
    case .longText: "text"
    default: "\(kind)"
    }
}

@Suite struct FormatPageTests {
    @Test func thePageListsWhatTheWriterAccepts() throws {
        let rows = try rows()
        #expect(Set(rows.keys) == Set(EntityType.allCases.map(\.rawValue)))
        for type in EntityType.allCases {
            #expect(rows[type.rawValue] == row(of: type.declaration), "\(type.rawValue)")
        }
    }

    @Test func thePageListsTheWordsForFaults() throws {
        let checkout = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
            .joined(separator: "/")
        let page = String(decoding: try readFile("\(checkout)/docs/format.md"), as: UTF8.self)
        for kind in Fault.Kind.allCases { #expect(page.contains("`\(kind.rawValue)`"), "\(kind.rawValue)") }
    }
}
