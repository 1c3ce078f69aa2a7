import GatehouseEncoding
import GatehouseProtocol

/// What a client signs becomes parameters that a form could have had, and no others.
enum RequestObjectProperties {
    private static let claimsOfToken = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"]

    static func check(_ input: [UInt8]) throws(Violation) {
        let read = Result { () throws(JSONError) in try JSONObject(parsing: input) }
        guard case .success(let claims) = read else { return }
        let opened = Result { () throws(OAuthError) in try RequestObject(claims).form }
        guard case .success(let form) = opened else {
            guard case .failure(let error) = opened else { return }
            try require(error.code == .invalidRequestObject, "What is refused is no object.")
            return
        }
        let again = Result { () throws(FormParameters.Malformed) in
            try FormParameters(decoding: form.encoded.utf8)
        }
        guard case .success(let decoded) = again else {
            throw Violation(description: "What was signed is a form.")
        }
        try require(decoded.encoded.isExactly(form.encoded), "It is the same form again.")
        try require(!form.contains(.request), "No request holds a request.")
        try require(!form.contains(.requestURI), "No request holds a reference to one.")
        try require(
            !form.hasRepetition(besides: .resource), "Nothing but a resource is there twice.")
        for name in claimsOfToken {
            try require(!decoded.encoded.hasPrefix(name + "="), "A claim is no parameter.")
        }
        try checkTexts(of: claims, in: form)
    }

    /// A text stays that text, whatever the names and kinds of the others are.
    private static func checkTexts(
        of claims: JSONObject, in form: FormParameters
    ) throws(Violation) {
        for name: ParameterName in [.clientID, .state, .nonce, .redirectURI, .scope] {
            guard let text = claims[name.text.description]?.string else { continue }
            try require(
                (form[name] ?? "").isExactly(text), "A parameter is what the client signed.")
        }
        if case .integer(let age) = claims["max_age"] {
            try require(form[.maxAge] == String(age), "A number is its decimal digits.")
        }
    }
}
