import GatehouseSQL

/// The code of an error (appendix A of PostgreSQL's manual).
struct SQLState: Hashable {
    let code: String

    /// True if the server gave the transaction up because of another one, so that the same
    /// transaction may well succeed when it is run again.
    var isRetriable: Bool {
        // serialization_failure, deadlock_detected
        ["40001", "40P01"].contains(code)
    }

    /// True if a transaction that was to write met a server that takes none.
    var saysStandby: Bool {
        // feature_not_supported (BEGIN READ WRITE during recovery), read_only_sql_transaction
        ["0A000", "25006"].contains(code)
    }

    /// What the error means to the caller.
    func error(_ message: String) -> DatabaseError {
        let text = "PostgreSQL: \(message) (\(code))"
        return switch code {
        // disk_full, io_error
        case "53100", "58030": .storageFull(text)
        // query_canceled, lock_not_available, serialization_failure, deadlock_detected
        case "57014", "55P03", "40001", "40P01": .timedOut(text)
        // admin_shutdown, crash_shutdown, cannot_connect_now
        case "57P01", "57P02", "57P03": .unavailable(text)
        default:
            switch code.prefix(2) {
            // Connection exception, insufficient resources
            case "08", "53": .unavailable(text)
            // Integrity constraint violation
            case "23": .constraint(text)
            default: .statement(text)
            }
        }
    }
}
