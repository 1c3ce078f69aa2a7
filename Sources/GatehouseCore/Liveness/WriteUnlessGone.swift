import GatehouseSQL

extension Database {
    /// Writes, unless someone whom the rows refer to is deleted at the very same time.
    ///
    /// Then the database itself refuses the rows, and nothing was written: nil says so.
    func writeUnlessGone<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value? {
        do {
            return try await write(body)
        } catch DatabaseError.constraint {
            return nil
        }
    }
}
