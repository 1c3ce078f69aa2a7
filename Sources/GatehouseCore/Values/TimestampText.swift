private import FoundationEssentials

extension Timestamp {
    /// The first moment that has no text: the year 10000 begins.
    private static let end = Timestamp(seconds: 253_402_300_800)

    /// `2026-11-28T17:20:00.123Z` (RFC 3339); nil outside the years 1970 to 9999.
    package var text: String? {
        guard (Timestamp(milliseconds: 0)..<Self.end).contains(self) else { return nil }
        let time = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
        let fraction = String(milliseconds % 1_000 + 1_000).dropFirst()
        return "\(time.dropLast()).\(fraction)Z"
    }

    /// Reads the text form: a day, or a moment of it in UTC, to the second or the millisecond.
    package init?(parsing text: String) {
        let parts = text.utf8.count == 10 ? text + "T00:00:00.000Z" : text
        let whole = parts.utf8.count == 20 ? parts.dropLast() + ".000Z" : parts[...]
        guard whole.utf8.count == 24, let fraction = Int64(whole.dropLast().suffix(3)) else {
            return nil
        }
        // Why it is no moment does not matter.
        let date = try? Date(String(whole.prefix(19)) + "Z", strategy: .iso8601)
        guard let date else { return nil }
        let moment = Timestamp(
            milliseconds: Int64(date.timeIntervalSince1970.rounded()) * 1_000 + fraction)
        // One text for one moment: what is written in another way, such as the 30th of February,
        // comes out as something else.
        guard let canonical = moment.text, canonical == whole else { return nil }
        self = moment
    }
}
