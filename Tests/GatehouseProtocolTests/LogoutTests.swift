import GatehouseEncoding
import GatehouseProtocol
import Testing

@Suite struct `A front-channel logout address` {
    @Test(arguments: [
        "https://rp.test/logout", "https://rp.test", "https://rp.test:8443/a?b=c",
        "http://127.0.0.1:8080/logout", "http://localhost/logout",
    ])
    func `is an address that a browser can load in a frame`(text: String) throws {
        #expect(try FrontChannelLogoutURI(registering: text).text == text)
    }

    @Test(arguments: [
        "", "logout", "//rp.test/logout", "http://rp.test/logout", "https://rp.test/#x",
        "https://rp.test@evil.test/", "https://rp.test\\@evil.test/", "HTTPS://rp.test/",
        "https://RP.test/", "https://[::1]/", "http://[::1]/", "https://rp.test/\r\nX: y",
        "https://rp.test/ ", "https://rp.test/../x", "com.example.app:/logout",
        "javascript:alert(1)", "data:text/html,x", "https://${application.session.host}/",
        "https://rp.test/;script-src *", "https://rp.test/?iss=x", "https://rp.test/?a&sid=",
        "https://rp.test/?a=%", "https://rp.test/\u{301}",
    ])
    func `is nothing that two programs could read differently`(text: String) {
        let uri = try? FrontChannelLogoutURI(registering: text)
        // A semicolon in a path is one of the path; what a policy names is the origin.
        #expect(uri == nil || uri?.origin == "https://rp.test" && text.contains(";"))
    }

    @Test func `has scheme, host and port of a redirect URI`() throws {
        let uri = try FrontChannelLogoutURI(registering: "https://rp.test/logout")
        for (text, isBeside) in [
            ("https://rp.test/cb", true), ("https://rp.test:443/cb", true),
            ("https://rp.test:8443/cb", false), ("https://www.rp.test/cb", false),
            ("http://localhost/cb", false), ("test.rp.app:/cb", false),
        ] {
            #expect(uri.isBeside(try RedirectURI(registering: text)) == isBeside)
        }
    }

    @Test func `is loaded with issuer and session`() throws {
        let issuer = "https://id.test/t/acme"
        let bare = try FrontChannelLogoutURI(registering: "https://rp.test/logout")
        #expect(
            bare.url(issuer: issuer, sessionID: "ses_1")
                == "https://rp.test/logout?iss=https%3A%2F%2Fid.test%2Ft%2Facme&sid=ses_1")
        let query = try FrontChannelLogoutURI(registering: "https://rp.test/?a=b")
        #expect(query.url(issuer: "i", sessionID: "s") == "https://rp.test/?a=b&iss=i&sid=s")
    }
}

@Suite struct `An address at which a sign-in begins` {
    @Test(arguments: [
        "http://rp.test/login", "http://127.0.0.1/login", "rp.test/login", "",
        "https://rp.test/#x", "https://rp.test/?iss=https://evil.test", "javascript:alert(1)",
        "https://rp.test/?%", "https://a@rp.test/",
    ])
    func `is https, and has no issuer of its own`(text: String) {
        #expect(InitiateLoginURI(registering: text) == nil)
    }

    @Test func `is told the issuer`() throws {
        let issuer = Issuer(stored: "https://id.test/t/acme")
        let bare = try #require(InitiateLoginURI(registering: "https://rp.test/login"))
        #expect(
            bare.url(issuer: issuer)
                == "https://rp.test/login?iss=https%3A%2F%2Fid.test%2Ft%2Facme")
        let query = try #require(InitiateLoginURI(registering: "https://rp.test/login?a=b"))
        #expect(query.url(issuer: issuer).hasPrefix("https://rp.test/login?a=b&iss=https"))
    }
}

@Suite struct `The claims of a logout token` {
    @Test func `GH-169: say which session of whom is over, for two minutes`() throws {
        let claims = LogoutTokenClaims(
            issuer: Issuer(stored: "https://id.test/t/acme"), subject: "usr_1",
            audience: "client_1", issuedAt: 1_800_000_000, tokenID: "lo_1", sessionID: "ses_1")
        let json = try JSONObject(parsing: claims.serialized())
        #expect(
            json.members.map(\.name)
                == ["iss", "sub", "aud", "iat", "exp", "jti", "events", "sid"])
        #expect(json["exp"]?.integer == 1_800_000_120)
        let events = try #require(json["events"]?.object)
        #expect(
            events.members.map(\.name) == ["http://schemas.openid.net/event/backchannel-logout"])
        #expect(events.members.first?.value.object?.members.isEmpty == true)
    }
}
