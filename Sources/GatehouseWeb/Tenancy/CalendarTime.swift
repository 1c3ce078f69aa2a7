package import GatehouseCore

/// A moment taken apart for people to read, in UTC and the Gregorian calendar.
package struct CalendarTime: Sendable, Hashable {
    private let year: Int64
    private let month: Int64
    private let day: Int64
    private let secondOfDay: Int64
    /// Days since Sunday.
    private let weekday: Int

    package init(_ moment: Timestamp) {
        self.init(seconds: moment.seconds)
    }

    /// Takes seconds since 1970; what lies outside the years 1970 to 9999 is taken for their edge.
    package init(seconds: Int64) {
        // Days since 0000-03-01, so that the leap day ends a year (H. Hinnant, "chrono-Compatible
        // Low-Level Date Algorithms").
        let seconds = min(max(seconds, 0), 253_402_300_799)
        let days = seconds / 86_400 + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shifted + 2) / 5 + 1
        month = shifted < 10 ? shifted + 3 : shifted - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        secondOfDay = seconds % 86_400
        // The first of January 1970 was a Thursday.
        weekday = Int((seconds / 86_400 + 4) % 7)
    }

    /// `2026-11-21T02:31:05Z` (RFC 3339).
    package var timestamp: String {
        "\(year)-\(two(month))-\(two(day))T\(time)Z"
    }

    /// `21 November 2026, 02:31:05 UTC`.
    package var words: String {
        "\(day) \(Self.months[Int(month) - 1]) \(year), \(clock)"
    }

    /// `02:31:05 UTC`.
    package var clock: String { time + " UTC" }

    /// `Sat, 21 Nov 2026 02:31:05 GMT` (RFC 9110 §5.6.7).
    package var httpDate: String {
        let (weekday, month) = (Self.weekdays[weekday], Self.months[Int(month) - 1].prefix(3))
        return "\(weekday), \(two(day)) \(month) \(year) \(time) GMT"
    }

    private var time: String {
        "\(two(secondOfDay / 3_600)):\(two(secondOfDay / 60 % 60)):\(two(secondOfDay % 60))"
    }

    private func two(_ number: Int64) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
}
