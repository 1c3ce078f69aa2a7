private import Foundation

extension Timestamp {
    /// `Sat, 21 Nov 2026 02:31:05 +0000` (RFC 5322 §3.3).
    var mailDate: String { formatted("EEE, dd MMM yyyy HH:mm:ss '+0000'") }

    /// `21 November 2026, 02:31 UTC`, as a letter says it.
    var letterTime: String { formatted("d MMMM yyyy, HH:mm 'UTC'") }

    private func formatted(_ pattern: StaticString) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = pattern.description
        return formatter.string(from: Date(timeIntervalSince1970: TimeInterval(seconds)))
    }
}
