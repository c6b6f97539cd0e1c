// Values of this room as they lie in columns.
import Encoding
import SQLite

extension Row {
    func identifier(_ column: Int) throws(CommunityError) -> Identifier {
        guard let id = Identifier(bytes: blob(column)) else { throw .damagedTable(name: "id") }
        return id
    }

    func optionalIdentifier(_ column: Int) throws(CommunityError) -> Identifier? {
        isNull(column) ? nil : try identifier(column)
    }

    func instant(_ column: Int) -> Instant { Instant(unixMilliseconds: integer(column)) }

    func optionalInstant(_ column: Int) -> Instant? { isNull(column) ? nil : instant(column) }
}

extension SQLiteValue {
    static func id(_ id: Identifier) -> SQLiteValue { .blob(id.bytes) }

    static func instant(_ instant: Instant) -> SQLiteValue { .integer(instant.unixMilliseconds) }
}

/// Both ends of a letter, in two columns each: a kind, and an id but for the house.
extension Correspondent {
    var kind: String {
        switch self {
        case .house: "house"
        case .human: "human"
        case .resident: "resident"
        }
    }

    var column: SQLiteValue { id.map { SQLiteValue.id($0) } ?? .null }

    init(kind: String, id: Identifier?) throws(CommunityError) {
        switch (kind, id) {
        case ("house", nil): self = .house
        case ("human", let id?): self = .human(id)
        case ("resident", let id?): self = .resident(id)
        default: throw .damagedTable(name: "community_mail")
        }
    }
}
