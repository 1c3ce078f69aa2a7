import GatehouseEncoding
import GatehouseJOSE

/// Claims are of the kind that is asked for, and a token has its time or none.
enum ClaimsProperties {
    private static let now: Int64 = 1_800_000_000
    private static let tolerance: Int64 = 60

    static func check(_ input: [UInt8]) throws(Violation) {
        let read = Result { () throws(JOSEError) in try JWTClaims(parsing: input) }
        guard case .success(let claims) = read else { return }
        let object = IndependentJSON.read(input)?.value.object
        try require(object == claims.object, "Claims are what two readers say that they are.")
        for name in ["exp", "nbf", "iat"] {
            let time = Result { () throws(JOSEError) in try claims.time(name) }
            let found: Time =
                switch time {
                case .success(let seconds): seconds.map(Time.at) ?? .unsaid
                case .failure: .malformed
                }
            try require(found == self.time(claims.object[name]), "A time is whole seconds.")
        }
        let issuer = Result { () throws(JOSEError) in try claims.string("iss") }
        if case .success(let issuer) = issuer {
            try require(
                claims.object["iss"] == issuer.map(JSONValue.string), "A text is that very text.")
        }
        try checkAudiences(claims)
        try checkTimes(claims)
    }

    private static func checkAudiences(_ claims: JWTClaims) throws(Violation) {
        let meant = Result { () throws(JOSEError) in try claims.isMeant(for: "a") }
        let expected =
            switch claims.object["aud"] {
            case .string(let audience): audience.isExactly("a")
            case .array(let audiences):
                audiences.contains("a") && audiences.allSatisfy { $0.string != nil }
            default: false
            }
        let isMeant = if case .success(true) = meant { true } else { false }
        try require(isMeant == expected, "A token is meant for whom it names.")
    }

    private static func checkTimes(_ claims: JWTClaims) throws(Violation) {
        let checked = Result { () throws(JOSEError) in
            try claims.checkTimes(now: now, tolerance: tolerance)
        }
        var isInTime = true
        for (name, isFine) in [("exp", isOpen), ("nbf", hasBegun), ("iat", hasBegun)] {
            isInTime = isInTime && isFine(time(claims.object[name]))
        }
        let isAccepted = if case .success = checked { true } else { false }
        try require(isAccepted == isInTime, "A token is good between its times, and only then.")
    }

    private static func isOpen(_ expiry: Time) -> Bool {
        if case .at(let seconds) = expiry { seconds > now - tolerance } else { false }
    }

    private static func hasBegun(_ begin: Time) -> Bool {
        switch begin {
        case .unsaid: true
        case .malformed: false
        case .at(let seconds): seconds <= now + tolerance
        }
    }

    private enum Time: Equatable {
        case unsaid, malformed
        case at(Int64)
    }

    /// The whole seconds of a claim, cut off towards the past: no token lives longer than it says.
    private static func time(_ value: JSONValue?) -> Time {
        let farthest: Int64 = 9_007_199_254_740_992
        switch value {
        case nil: return .unsaid
        case .integer(let seconds):
            return seconds >= -farthest && seconds <= farthest ? .at(seconds) : .malformed
        case .number(let seconds):
            guard seconds <= Double(farthest), seconds >= -Double(farthest) else {
                return .malformed
            }
            let towardsZero = Int64(seconds)
            return .at(Double(towardsZero) > seconds ? towardsZero - 1 : towardsZero)
        default: return .malformed
        }
    }
}
