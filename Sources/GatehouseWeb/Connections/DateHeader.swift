import Glibc
import GatehouseProtocol

/// The `Date` of answers (RFC 9110 §6.6.1), written anew once a second.
struct DateHeader {
    private var second = Int64.min
    private var text = ""

    /// The date now, such as `Fri, 27 Nov 2026 12:29:50 GMT`.
    mutating func value() -> String {
        let now = Int64(time(nil))
        if now != second {
            second = now
            text = CalendarTime(seconds: now).httpDate
        }
        return text
    }
}
