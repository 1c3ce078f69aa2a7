package import GatehouseJOSE
package import GatehouseProtocol

/// What a client's tokens would be, or why there would be none.
package struct TokenPreview: Sendable {
    package let accessToken: Token?
    package let idToken: Token?
    /// What userinfo would answer, as JSON; nil where it would answer nothing.
    package let userInfo: [UInt8]?
    /// What the tokens would be good for.
    package let scope: Scope
    /// What has to happen on the way.
    package let steps: [Step]
    /// Why there would be none; nil if there would be some.
    package let refusal: Refusal?

    /// A token as it would be: what it says and how long it is.
    package struct Token: Sendable {
        /// The claims, as JSON.
        package let payload: [UInt8]
        /// How many bytes it has.
        package let length: Int
        /// How it is signed; nil if it is opaque, and says nothing to those who do not ask.
        package let algorithm: Algorithm?

        init(payload: [UInt8], length: Int, algorithm: Algorithm?) {
            self.payload = payload
            self.length = length
            self.algorithm = algorithm
        }

        /// Measures a signed token by signing as many spaces: what says something is never signed.
        init(payload: [UInt8], signedBy signer: Signer, with algorithm: Algorithm) throws {
            let blank = [UInt8](repeating: UInt8(ascii: " "), count: payload.count)
            self.init(
                payload: payload, length: try signer.sign(blank).utf8.count,
                algorithm: algorithm)
        }
    }

    /// Something that has to happen before there are any.
    package enum Step: Sendable {
        /// The person is asked what they allow.
        case consent([ConsentPart])
        /// The client proves that it has a key or a certificate, which the tokens are bound to.
        case proof
    }

    /// Why there would be none.
    package struct Refusal: Error, Sendable {
        /// A name of the reason: an error of OAuth, or one of ours.
        package let reason: String
        package let message: String

        init(_ reason: String, _ message: String) {
            self.reason = reason
            self.message = message
        }
    }

    init(refusal: Refusal) {
        accessToken = nil
        idToken = nil
        userInfo = nil
        scope = .none
        steps = []
        self.refusal = refusal
    }

    init(
        accessToken: Token, idToken: Token?, userInfo: [UInt8]?, scope: Scope, steps: [Step]
    ) {
        self.accessToken = accessToken
        self.idToken = idToken
        self.userInfo = userInfo
        self.scope = scope
        self.steps = steps
        refusal = nil
    }
}
