private import GatehouseEncoding

/// Something that one person is told by mail: plain text, of which only this program is the author.
package struct Mail: Sendable {
    /// What it is known by among others of the same sender.
    package let id: String
    package let recipient: EmailAddress
    /// What the sender is called; the address is the installation's.
    package let senderName: String
    package let subject: String
    package let text: String
    package let writtenAt: Timestamp

    package init(
        _ id: String, to recipient: EmailAddress, from senderName: String, subject: String,
        text: String, at now: Timestamp
    ) {
        self.id = id
        self.recipient = recipient
        self.senderName = senderName
        self.subject = subject
        self.text = text
        writtenAt = now
    }

    /// The mail as it travels (RFC 5322), with lines that end as they must.
    ///
    /// Whatever people chose stands in encoded words and in base64: nothing of it can begin a header
    /// or end the mail (RFC 2047, RFC 2045).
    package func message(from sender: EmailAddress) -> [UInt8] {
        let domain = sender.text.split(separator: "@").last.map(String.init) ?? "localhost"
        let head = [
            "Date: \(writtenAt.mailDate)",
            "From: \(Self.encodedWords(senderName))\r\n <\(sender.text)>",
            "To: <\(recipient.text)>",
            "Subject: \(Self.encodedWords(subject))",
            "Message-ID: <\(id)@\(domain)>",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64",
        ]
        return Array((head + [""] + body + [""]).joined(separator: "\r\n").utf8)
    }

    /// The text in lines of base64.
    private var body: [String] {
        let code = Array(Base64.encode(Array(text.utf8)).utf8)
        return stride(from: 0, to: code.count, by: 76).map {
            String(decoding: code[$0..<min($0 + 76, code.count)], as: UTF8.self)
        }
    }

    /// A text as encoded words, each of whole characters, in lines of at most 76 (RFC 2047 §2, §5).
    static func encodedWords(_ text: String) -> String {
        var words: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if words[words.count - 1].count + bytes.count > 36 { words.append([]) }
            words[words.count - 1] += bytes
        }
        return words.map { "=?utf-8?B?\(Base64.encode($0))?=" }.joined(separator: "\r\n ")
    }
}
