import Foundation
import GatehouseCore
import GatehouseEncoding
import Testing

@Suite struct `A mail` {
    /// What a person or an operator may have put into a name, and an attacker would.
    private static let hostile = [
        "Acme", "a\r\nBcc: evil@evil.test", "a\n.\r\n", "=?utf-8?B?YQ==?=", "<a@b>", "\u{202E}x",
        String(repeating: "é", count: 100), String(repeating: "👩‍🚀", count: 40), "", "\0",
    ]

    private func lines(_ name: String) throws -> [String] {
        let mail = Mail(
            "inv_1.1", to: try #require(EmailAddress(parsing: "Kay@acme.test")), from: name,
            subject: name, text: "Hello,\n\(name)\n.\n",
            at: Timestamp(milliseconds: 1_800_000_000_000))
        let sender = try #require(EmailAddress(parsing: "no-reply@id.test"))
        let bytes = mail.message(from: sender)
        #expect(bytes.allSatisfy { $0 < 0x80 && $0 != 0 })
        return String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
    }

    @Test(arguments: hostile)
    func `GH-239, GH-247, GH-248: has its headers and no other, whatever a name says`(
        _ name: String
    ) throws {
        let lines = try lines(name)
        let end = try #require(lines.firstIndex(of: ""))
        let names = lines[..<end].filter { !$0.hasPrefix(" ") }
            .map { String($0.prefix { $0 != ":" }) }
        #expect(
            names == [
                "Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version",
                "Content-Type", "Content-Transfer-Encoding",
            ])
        #expect(lines.contains("To: <Kay@acme.test>"))
        #expect(lines.contains("Message-ID: <inv_1.1@id.test>"))
        #expect(lines[0] == "Date: Fri, 15 Jan 2027 08:00:00 +0000")
        for line in lines {
            #expect(line.utf8.count <= 76 && !line.contains("\n") && !line.hasPrefix("."))
        }
        let body = lines[(end + 1)...].joined()
        let text = try #require(Base64.decode(body))
        #expect(String(decoding: text, as: UTF8.self) == "Hello,\n\(name)\n.\n")
    }

    @Test(arguments: hostile)
    func `says a name in encoded words of whole characters`(_ name: String) throws {
        let lines = try lines(name)
        let start = try #require(lines.firstIndex { $0.hasPrefix("Subject: ") })
        var words = [String(lines[start].dropFirst("Subject: ".count))]
        words += lines[(start + 1)...].prefix { $0.hasPrefix(" ") }.map { String($0.dropFirst()) }
        var decoded = ""
        for word in words {
            #expect(word.utf8.count <= 75)
            let code = word.dropFirst("=?utf-8?B?".count).dropLast(2)
            let bytes = code.isEmpty ? [] : try #require(Base64.decode(String(code)))
            decoded += try #require(String(validating: bytes, as: UTF8.self))
        }
        #expect(decoded == name)
    }
}
