import GatehouseCore
import GatehouseOutbound
import Testing

@Suite struct `The address of a relay` {
    @Test(
        arguments: [
            ("smtps://mail.example.com", "mail.example.com", 465, nil),
            ("smtps://mail.example.com:2465", "mail.example.com", 2465, nil),
            ("smtp://mail.example.com", "mail.example.com", 587, nil),
            ("smtps://gatehouse@mail.example.com", "mail.example.com", 465, "gatehouse"),
            (
                "smtp://no-reply@example.com@mail.example.com:25", "mail.example.com", 25,
                "no-reply@example.com"
            ),
            ("smtp://127.0.0.1:1025", "127.0.0.1", 1025, nil), ("smtp://[::1]:25", "::1", 25, nil),
            ("smtps://[2001:db8::1]", "2001:db8::1", 465, nil),
        ] as [(String, String, Int, String?)])
    func `is scheme, host and port, and whoever signs in there`(
        text: String, host: String, port: Int, user: String?
    ) throws {
        let server = try #require(MailServer(parsing: text))
        #expect(server.host == host && server.port == port && server.user == user)
    }

    @Test(arguments: [
        "", "mail.example.com", "http://mail.example.com", "SMTPS://mail.example.com", "smtps:/a",
        "smtps://", "smtps://:465", "smtps://a:", "smtps://a:0", "smtps://a:65536",
        "smtps://a:+5", "smtps://a:1 ", "smtps://a/", "smtps://a?b", "smtps://@a",
        "smtps://a b@c", "smtps://a\r\n@c", "smtps://é@c", "smtps://é", "smtps://a_b",
        "smtps://[::1", "smtps://[::1]5", "smtps://[a.b]", "smtps://a/b@c", "smtps://a:465:1",
        "smtps://" + String(repeating: "a", count: 254),
    ])
    func `is nothing else`(text: String) {
        #expect(MailServer(parsing: text) == nil)
    }
}

@Suite struct `What a relay says` {
    private func read(_ pieces: [String]) -> [SMTPReply]? {
        var replies = SMTPReplies()
        var found: [SMTPReply] = []
        do throws(MailFailure) {
            for piece in pieces {
                try replies.add(Array(piece.utf8))
                while let reply = try replies.next() { found.append(reply) }
            }
        } catch {
            return nil
        }
        return found
    }

    @Test func `is a code, once the last of its lines is there`() throws {
        let text = "220 hello\r\n250-mail\r\n250-STARTTLS\r\n250 8BITMIME\r\n354\r\n250 ok\r\n"
        let whole = try #require(read([text]))
        #expect(whole.map(\.code) == [220, 250, 354, 250])
        #expect(whole[1].offers("STARTTLS") && !whole[0].offers("STARTTLS"))
        let bytewise = text.map(String.init).flatMap { $0 == "\r\n" ? ["\r", "\n"] : [$0] }
        #expect(read(bytewise) == whole)
        #expect(read(["250-more\r\n"]) == [])
        #expect(read(["250 star"]) == [])
    }

    @Test(arguments: [
        "250 a\n", "hello\r\n", "25\r\n", "2x0 a\r\n", "250_a\r\n", "250-a\r\n550 b\r\n", "\r\n",
        "٢٥٠ a\r\n",
    ])
    func `is nothing else`(text: String) {
        #expect(read([text]) == nil)
    }

    @Test func `is not endless`() {
        #expect(
            read(
                Array(repeating: "250-" + String(repeating: "a", count: 1_000) + "\r\n", count: 70))
                == nil)
        #expect(read([String(repeating: "a", count: 65_537)]) == nil)
    }
}
