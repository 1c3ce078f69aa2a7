/// One sentence for each claim and header parameter that a token of Gatehouse may hold.
package enum ClaimWords {
    /// What the claim says, or nothing for one that we do not know.
    package static func sentence(for name: String) -> String? { sentences[name] }

    private static let sentences: [String: String] = [
        "iss": "Who issued the token. A receiver accepts only the issuer it expects.",
        "sub": "The person or the client it is about, by an id that never changes.",
        "aud": "Whom the token is for. Everyone else has to refuse it.",
        "exp": "When it stops being valid.",
        "iat": "When it was issued.",
        "nbf": "When it starts being valid.",
        "auth_time": "When the person last proved who they are.",
        "nonce": "The value this app sent along; it ties the token to this very sign-in.",
        "acr": "How strong the proof of identity was.",
        "amr": "How the person proved it, for example with a password.",
        "azp": "The client that asked for the token.",
        "at_hash": "A digest of the access token that was issued along with it.",
        "sid": "The session in which it was issued; signing out ends it.",
        "email": "The e-mail address, because the scope email was granted.",
        "updated_at": "When what is known of the person last changed.",
        "email_verified": "Whether the person has shown that the address is theirs.",
        "name": "The full name, because the scope profile was granted.",
        "preferred_username": "The name the person likes to be called by; it may change.",
        "client_id": "The client that the token was issued to.",
        "scope": "What the token allows.",
        "jti": "The id of this one token.",
        "gid": "The grant it belongs to: what this person allowed this client.",
        "alg": "How the token is signed. The key decides this, never the token.",
        "kid": "Which of the published keys verifies the signature.",
        "typ": "What kind of token it is, so that one cannot pass for another.",
    ]
}
