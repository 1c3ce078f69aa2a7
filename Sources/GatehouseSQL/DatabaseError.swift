/// Why the database did not do what it was asked.
///
/// An expected outcome, such as a name that is taken, is not an error: statements say
/// `ON CONFLICT DO NOTHING` and count rows.
package enum DatabaseError: Error, Sendable, Equatable {
    /// The server is away, the connection broke, or too many requests wait for one. The
    /// transaction did not happen. Ask again later.
    case unavailable(String)
    /// The connection broke while the commit was under way: whether it happened is not known.
    case outcomeUnknown(String)
    /// The disk is full or cannot be written. The transaction did not happen.
    case storageFull(String)
    /// Another transaction held a lock for too long, or the statement ran too long.
    case timedOut(String)
    /// A primary key, unique index, foreign key or check refused the row.
    case constraint(String)
    /// The engine refused the statement.
    case statement(String)
    /// A result lacks a column, or it holds another type.
    case unexpectedColumn(String)
    /// The schema is newer than this program, or the file is not a Gatehouse database.
    case unusable(String)

    /// True if the same request may succeed later: the answer is 503, not 500.
    package var isTemporary: Bool {
        switch self {
        case .unavailable, .outcomeUnknown, .storageFull, .timedOut: true
        case .constraint, .statement, .unexpectedColumn, .unusable: false
        }
    }
}
