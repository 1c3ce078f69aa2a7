public import GatehouseEncoding

/// The claims of a JWT (RFC 7519 §4), read with their kinds checked.
public struct JWTClaims: Sendable {
    /// Every claim, as it was read.
    public let object: JSONObject

    /// Reads a payload, which has to be a JSON object.
    public init(parsing payload: [UInt8]) throws(JOSEError) {
        do throws(JSONError) {
            object = try JSONObject(parsing: payload)
        } catch {
            throw .malformed
        }
    }

    /// A text; nil if it is missing, refused if it is something else.
    public func string(_ name: String) throws(JOSEError) -> String? {
        guard let value = object[name] else { return nil }
        guard let text = value.string else { throw .malformedClaim }
        return text
    }

    /// A time in whole seconds since 1970 (NumericDate, RFC 7519 §2); fractions are cut off.
    public func time(_ name: String) throws(JOSEError) -> Int64? {
        let farthest: Int64 = 1 << 53
        let seconds: Int64? =
            switch object[name] {
            case nil: nil
            case .integer(let value): value
            case .number(let value): Int64(exactly: value.rounded(.down))
            default: nil
            }
        guard let seconds, (-farthest...farthest).contains(seconds) else {
            guard object[name] == nil else { throw .malformedClaim }
            return nil
        }
        return seconds
    }

    /// Whom the token is for: one text or a list of them (RFC 7519 §4.1.3), none if unsaid.
    public func audiences() throws(JOSEError) -> [String] {
        switch object["aud"] {
        case nil: return []
        case .string(let audience): return [audience]
        case .some(let value):
            guard let audiences = value.strings, !audiences.isEmpty else { throw .malformedClaim }
            return audiences
        }
    }

    /// Whether one of the audiences is this very text.
    public func isMeant(for audience: String) throws(JOSEError) -> Bool {
        try audiences().contains { $0.isExactly(audience) }
    }

    /// Refuses a token outside its time: it must end, and end after now; it must have begun.
    ///
    /// `exp` is required; `nbf` and `iat` are checked if they are there (RFC 7519 §4.1.4–6). `now`
    /// is the time of the request in seconds since 1970, `tolerance` how many seconds the clocks
    /// may differ.
    public func checkTimes(now: Int64, tolerance: Int64) throws(JOSEError) {
        guard let expiry = try time("exp") else { throw .malformedClaim }
        guard now - tolerance < expiry else { throw .expired }
        for name in ["nbf", "iat"] {
            guard let begin = try time(name) else { continue }
            guard begin <= now + tolerance else { throw .notYetValid }
        }
    }
}
