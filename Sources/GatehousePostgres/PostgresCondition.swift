package import GatehouseSQL

extension PostgresDatabase {
    /// The settings that decide what a power cut leaves, with the values that leave all of it.
    private static let safe: [(name: String, isRight: @Sendable (String) -> Bool)] = [
        ("fsync", { $0 == "on" }), ("full_page_writes", { $0 == "on" }),
        ("synchronous_commit", { $0 != "off" }),
    ]

    package func condition() async throws -> DatabaseCondition {
        try await read { transaction in
            // The clock at this moment: that of the transaction stands still.
            let row = try transaction.row(
                """
                SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint AS now,
                    current_setting('fsync') AS fsync,
                    current_setting('full_page_writes') AS full_page_writes,
                    current_setting('synchronous_commit') AS synchronous_commit
                """)
            let unsafe = try Self.safe.compactMap { setting -> String? in
                let value = try row?.text(setting.name) ?? ""
                return setting.isRight(value) ? nil : "\(setting.name) = \(value)"
            }
            return DatabaseCondition(
                time: try row?.integer("now"), unsafeSettings: unsafe, space: nil)
        }
    }
}
