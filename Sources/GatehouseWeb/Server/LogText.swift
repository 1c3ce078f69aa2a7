/// What log lines are made of, written so that a value can never look like a line.
enum LogText {
    /// Whether a character must not reach a log as it is.
    ///
    /// Control characters (line breaks and ANSI sequences with them), line and paragraph
    /// separators, and those that change the direction of text.
    static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }

    /// The text between quotation marks as JSON writes it (RFC 8259 §7).
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where isUnsafe(scalar): quoted += escape(scalar)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// The text itself, its unsafe characters written as `\u001B`.
    static func plain(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        return text.unicodeScalars.reduce(into: "") { plain, scalar in
            if isUnsafe(scalar) {
                plain += escape(scalar)
            } else {
                plain.unicodeScalars.append(scalar)
            }
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        "\\u" + padded(String(scalar.value, radix: 16, uppercase: true), to: 4)
    }

    /// An instant as RFC 3339 with milliseconds, in UTC; the argument counts from 1970.
    static func timestamp(milliseconds: Int64) -> String {
        let (seconds, fraction) = divide(milliseconds, by: 1000)
        let (days, second) = divide(seconds, by: 86_400)
        let (year, month, day) = date(daysSince1970: days)
        let date = "\(padded(year, to: 4))-\(padded(month, to: 2))-\(padded(day, to: 2))"
        let time =
            "\(padded(second / 3600, to: 2)):\(padded(second / 60 % 60, to: 2))"
            + ":\(padded(second % 60, to: 2)).\(padded(fraction, to: 3))"
        return "\(date)T\(time)Z"
    }

    /// The Gregorian date of a day, by eras of 400 years that begin in March.
    private static func date(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = divide(daysSince1970 + 719_468, by: 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
    }

    /// Division that rounds down, with its remainder.
    private static func divide(_ number: Int64, by divisor: Int64) -> (Int64, Int64) {
        let remainder = (number % divisor + divisor) % divisor
        return ((number - remainder) / divisor, remainder)
    }

    private static func padded(_ number: Int64, to width: Int) -> String {
        padded(String(number), to: width)
    }

    private static func padded(_ digits: String, to width: Int) -> String {
        String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
