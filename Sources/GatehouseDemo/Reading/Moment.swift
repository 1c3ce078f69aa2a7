/// A moment for people to read, in UTC and the Gregorian calendar.
struct Moment: Sendable {
    /// Seconds since 1970, none before and none after the year 9999.
    private let seconds: Int64

    init(_ seconds: Int64) {
        self.seconds = min(max(seconds, 0), 253_402_300_799)
    }

    /// `21 November 2026, 02:31:05 UTC`.
    var words: String {
        // Days since 0000-03-01, so that the leap day ends a year (H. Hinnant, "chrono-Compatible
        // Low-Level Date Algorithms").
        let days = seconds / 86_400 + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let month = Int(shifted < 10 ? shifted + 2 : shifted - 10)
        let year = yearOfEra + era * 400 + (month <= 1 ? 1 : 0)
        return "\(day) \(Self.months[month]) \(year), \(clock)"
    }

    /// `02:31:05 UTC`.
    var clock: String {
        let second = seconds % 86_400
        return "\(two(second / 3_600)):\(two(second / 60 % 60)):\(two(second % 60)) UTC"
    }

    private func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
}
