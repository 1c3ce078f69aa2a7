package import GatehouseSQL

/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
///
/// Nothing in this module reads a clock: a surface reads it once for each request and passes it
/// down, so that one request has one time and tests move it as they like.
package struct Timestamp: Hashable, Comparable, Sendable, SQLConvertible {
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package init(seconds: Int64) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        milliseconds = overflow ? (seconds < 0 ? .min : .max) : product
    }

    /// Whole seconds, rounded down: what tokens carry (RFC 7519 §2, NumericDate).
    package var seconds: Int64 {
        let quotient = milliseconds / 1_000
        return milliseconds % 1_000 < 0 ? quotient - 1 : quotient
    }

    package var sqlValue: SQLValue { .integer(milliseconds) }

    package static func < (left: Self, right: Self) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The moment that lies so much later; the last one there is, if that cannot be told.
    package static func + (moment: Self, duration: Lifetime) -> Self {
        let (sum, overflow) = moment.milliseconds.addingReportingOverflow(duration.milliseconds)
        return Self(milliseconds: overflow ? .max : sum)
    }

    /// The moment that lies so much earlier; the first one there is, if that cannot be told.
    package static func - (moment: Self, duration: Lifetime) -> Self {
        let (rest, overflow) = moment.milliseconds.subtractingReportingOverflow(
            duration.milliseconds)
        return Self(milliseconds: overflow ? .min : rest)
    }
}

/// How long something lasts, in milliseconds; never negative.
package struct Lifetime: Hashable, Comparable, Sendable {
    package let milliseconds: Int64

    private init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static func seconds(_ count: Int64) -> Self {
        let (product, overflow) = max(count, 0).multipliedReportingOverflow(by: 1_000)
        return Self(milliseconds: overflow ? .max : product)
    }

    package static func minutes(_ count: Int64) -> Self { times(count, .seconds(60)) }
    package static func hours(_ count: Int64) -> Self { times(count, .seconds(3_600)) }
    package static func days(_ count: Int64) -> Self { times(count, .seconds(86_400)) }

    private static func times(_ count: Int64, _ unit: Self) -> Self {
        let (product, overflow) = max(count, 0).multipliedReportingOverflow(by: unit.milliseconds)
        return Self(milliseconds: overflow ? .max : product)
    }

    /// Whole seconds, as `expires_in` and `max-age` carry them.
    package var seconds: Int64 { milliseconds / 1_000 }

    package static func < (left: Self, right: Self) -> Bool {
        left.milliseconds < right.milliseconds
    }
}
