extension [Row] {
    /// The rows of a join, one value for all the rows that have the same text in a column.
    ///
    /// They must stand together, as an ordered statement leaves them.
    package func grouped<Value>(
        by column: String, _ make: (Row) throws -> Value, adding: (inout Value, Row) throws -> Void
    ) throws -> [Value] {
        var values: [Value] = []
        var last: String?
        for row in self {
            let key = try row.text(column)
            if key == last {
                try adding(&values[values.count - 1], row)
            } else {
                values.append(try make(row))
                last = key
            }
        }
        return values
    }

    /// The rows by the text of a column, where a statement cannot put them in that order.
    package func sorted(by column: String) throws -> [Row] {
        let keys = try map { try $0.text(column) }
        // An index may have had them in order.
        guard !zip(keys, keys.dropFirst()).allSatisfy(<=) else { return self }
        return indices.sorted { keys[$0] < keys[$1] }.map { self[$0] }
    }
}
