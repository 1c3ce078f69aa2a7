/// One row of a result: values, found by the name of their column.
package struct Row: Sendable {
    /// The names of a result's columns, shared by all of its rows.
    package let names: [String]
    package let values: [SQLValue]
    /// The columns that are looked at.
    private let range: Range<Int>

    package init(names: [String], values: [SQLValue]) {
        self.names = names
        self.values = values
        range = 0..<min(names.count, values.count)
    }

    private init(_ row: Row, _ range: Range<Int>) {
        names = row.names
        values = row.values
        self.range = range
    }

    /// Takes the row of a join apart into the rows of its tables, by how many columns each has;
    /// what is left over comes last.
    package func split(_ counts: [Int]) -> [Row] {
        var start = range.lowerBound
        var rows: [Row] = []
        for count in counts {
            let end = min(start + count, range.upperBound)
            rows.append(Row(self, start..<end))
            start = end
        }
        return rows + [Row(self, start..<range.upperBound)]
    }

    package func value(_ name: String) throws(DatabaseError) -> SQLValue {
        for index in range where names[index] == name { return values[index] }
        throw .unexpectedColumn(name)
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
