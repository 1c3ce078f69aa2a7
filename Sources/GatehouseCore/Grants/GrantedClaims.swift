private import GatehouseEncoding
package import GatehouseProtocol

/// The claims about a person that a client asked for by name (OpenID Connect Core §5.5): kept with
/// the grant, so that userinfo and refreshed ID tokens tell them too.
package struct GrantedClaims: Sendable, Hashable {
    package let userInfo: [String]
    package let idToken: [String]

    package init(_ request: ClaimsRequest?) {
        userInfo = request?.userInfo ?? []
        idToken = request?.idToken ?? []
    }

    private init(userInfo: [String], idToken: [String]) {
        self.userInfo = userInfo
        self.idToken = idToken
    }

    /// What of these fits.
    func filter(_ fits: (String) -> Bool) -> GrantedClaims {
        GrantedClaims(userInfo: userInfo.filter(fits), idToken: idToken.filter(fits))
    }

    /// The text for the database; nil if nothing was asked for.
    var stored: String? {
        guard !userInfo.isEmpty || !idToken.isEmpty else { return nil }
        let json = JSONWriter.object { json in
            json.add("userinfo", userInfo)
            json.add("id_token", idToken)
        }
        return String(decoding: json, as: UTF8.self)
    }

    init(stored text: String?) throws {
        let json = try text.map { try JSONObject(parsing: Array($0.utf8)) }
        userInfo = json?["userinfo"]?.strings ?? []
        idToken = json?["id_token"]?.strings ?? []
    }
}

extension Client {
    /// What of these claims the client may know: asking by name gets it nothing that it is not
    /// registered to ask for by scope.
    func allowed(_ claims: [String]) -> [String] {
        claims.filter { scope.contains(IdentityClaims.scope(of: $0)) }
    }
}
