import GatehouseSQL

/// How often something happened in an hour or a day.
package struct ActivityCount: Sendable {
    package let began: Timestamp
    package let measure: Activity.Measure
    package let happened: Int64

    init?(_ row: Row) throws {
        guard let measure = Activity.Measure(rawValue: try row.text("measure")) else { return nil }
        began = Timestamp(milliseconds: try row.integer("began_at"))
        self.measure = measure
        happened = try row.integer("happened")
    }
}
