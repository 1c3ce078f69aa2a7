import GatehouseProtocol
import Testing

@Suite struct `A backchannel authentication request` {
    private static let good = [("scope", "openid"), ("login_hint", "kay")]

    private func request(
        _ pairs: [(String, String)]
    ) throws -> BackchannelAuthenticationRequest {
        try BackchannelAuthenticationRequest(FormParameters(pairs))
    }

    private func refusal(_ pairs: [(String, String)]) -> OAuthError.Code? {
        refusalCode { () throws(OAuthError) in
            try BackchannelAuthenticationRequest(FormParameters(pairs))
        }
    }

    @Test func `says who is asked, for what and how long`() throws {
        let bare = try request(Self.good)
        #expect(bare.hint == .login("kay") && bare.scope == Scope("openid"))
        #expect(bare.bindingMessage == nil && bare.requestedExpiry == nil)
        let full = try request([
            ("scope", "openid email"), ("id_token_hint", "a.b.c"), ("binding_message", "W4-SCT"),
            ("requested_expiry", "120"), ("login_hint", ""),
        ])
        #expect(full.hint == .idToken("a.b.c") && full.bindingMessage?.text == "W4-SCT")
        #expect(full.requestedExpiry == 120)
        #expect(bare.notificationToken == nil)
        let pinged = try request(Self.good + [("client_notification_token", "8d67dc78-7faa~4/=")])
        #expect(pinged.notificationToken?.revealed == "8d67dc78-7faa~4/=")
    }

    @Test(
        arguments: [
            ([("login_hint", "kay")], .invalidRequest), ([("scope", "openid")], .invalidRequest),
            ([("scope", "email"), ("login_hint", "kay")], .invalidScope),
            (good + [("id_token_hint", "x")], .invalidRequest),
            (good + [("login_hint_token", "x")], .invalidRequest),
            (good + [("request", "x")], .invalidRequest),
            (good + [("login_hint", "lee")], .invalidRequest),
            (good + [("requested_expiry", "0")], .invalidRequest),
            (good + [("requested_expiry", "-5")], .invalidRequest),
            (good + [("requested_expiry", "5.0")], .invalidRequest),
            (good + [("requested_expiry", "9999999999")], .invalidRequest),
            (good + [("requested_expiry", "٣")], .invalidRequest),
            (good + [("binding_message", "<b>")], .invalidBindingMessage),
            (good + [("client_notification_token", "a b")], .invalidRequest),
            (good + [("client_notification_token", "=")], .invalidRequest),
        ] as [([(String, String)], OAuthError.Code)])
    func `is refused for what is wrong with it`(
        pairs: [(String, String)], code: OAuthError.Code
    ) {
        #expect(refusal(pairs) == code)
    }

    @Test(arguments: ["W4-SCT", "Order 4711, 12.50!", "a", String(repeating: "a", count: 60)])
    func `may have a message of plain characters`(text: String) {
        #expect(BindingMessage(parsing: text)?.text == text)
    }

    @Test(
        arguments: [
            "", " ", " a", "a ", "a\n", "a\t", "ü", "e\u{301}", "\u{202E}a", "a\u{200B}", "<a>",
            "&amp;", "\"", "'", "%41", "а", String(repeating: "a", count: 61),
        ])
    func `has no message that could look like something else`(text: String) {
        #expect(BindingMessage(parsing: text) == nil)
    }
}

@Suite struct `A client notification token` {
    @Test(arguments: [
        "a", "AZaz09-._~+/", "a=", "a==", String(repeating: "a", count: 1_024),
    ])
    func `has the syntax of a bearer token`(text: String) {
        #expect(ClientNotificationToken(parsing: text)?.revealed == text)
    }

    @Test(arguments: [
        "", "=", "a=b", "a b", " a", "a ", "a\n", "a\r\nX-Evil: 1", "a\0", "ü", "a,b", "\"a\"",
        "a:b",
        "a%20b", "\u{FF41}", String(repeating: "a", count: 1_025),
    ])
    func `has no other`(text: String) {
        #expect(ClientNotificationToken(parsing: text) == nil)
    }

    @Test func `is not printed`() throws {
        let token = try #require(ClientNotificationToken(parsing: "canary"))
        var dumped = ""
        dump(token, to: &dumped)
        #expect("\(token)" == "‹secret›" && !dumped.contains("canary"))
    }
}

@Suite struct `The answer of a person by an app` {
    @Test(arguments: ApprovalAnswer.allCases)
    func `allows or denies`(answer: ApprovalAnswer) throws {
        let body = Array(#"{"decision":"\#(answer.rawValue)","more":[1]}"#.utf8)
        #expect(try ApprovalAnswer(parsing: body) == answer)
    }

    @Test(arguments: [
        "", "{}", "[]", "null", #""allow""#, #"{"decision":null}"#, #"{"decision":true}"#,
        #"{"decision":"Allow"}"#, #"{"decision":"allow "}"#, #"{"decision":["allow"]}"#,
        #"{"decision":"allow","decision":"deny"}"#, #"{"decision":"allow"}x"#, "decision=allow",
    ])
    func `is nothing else`(body: String) {
        #expect(
            refusalCode { () throws(OAuthError) in
                try ApprovalAnswer(parsing: Array(body.utf8))
            } == .invalidRequest)
    }
}
