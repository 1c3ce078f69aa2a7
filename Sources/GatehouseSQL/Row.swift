/// One row of a result: values, found by the name of their column.
package struct Row: Sendable {
    /// The names of a result's columns, shared by all of its rows.
    package let names: [String]
    package let values: [SQLValue]

    package init(names: [String], values: [SQLValue]) {
        self.names = names
        self.values = values
    }

    package func value(_ name: String) throws(DatabaseError) -> SQLValue {
        guard let index = names.firstIndex(of: name), index < values.count else {
            throw .unexpectedColumn(name)
        }
        return values[index]
    }

    package func text(_ name: String) throws(DatabaseError) -> String {
        guard let value = try optionalText(name) else { throw .unexpectedColumn(name) }
        return value
    }

    package func optionalText(_ name: String) throws(DatabaseError) -> String? {
        switch try value(name) {
        case .text(let value): value
        case .null: nil
        default: throw .unexpectedColumn(name)
        }
    }

    package func integer(_ name: String) throws(DatabaseError) -> Int64 {
        guard let value = try optionalInteger(name) else { throw .unexpectedColumn(name) }
        return value
    }

    package func optionalInteger(_ name: String) throws(DatabaseError) -> Int64? {
        switch try value(name) {
        case .integer(let value): value
        case .null: nil
        default: throw .unexpectedColumn(name)
        }
    }

    package func bytes(_ name: String) throws(DatabaseError) -> [UInt8] {
        guard let value = try optionalBytes(name) else { throw .unexpectedColumn(name) }
        return value
    }

    package func optionalBytes(_ name: String) throws(DatabaseError) -> [UInt8]? {
        switch try value(name) {
        case .bytes(let value): value
        case .null: nil
        default: throw .unexpectedColumn(name)
        }
    }
}
