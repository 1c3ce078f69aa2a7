import GatehouseCore
import GatehouseDemo
import GatehouseWeb
import Synchronization

/// Catches the mail of a trial, which goes nowhere else: the demo app shows it.
final class TrialMailbox: MailRelay {
    private let caught = Mutex<[Mail]>([])

    /// How many mails are kept: the newest ones.
    private static let most = 100

    func send(_ mail: Mail) async throws(MailFailure) {
        caught.withLock { caught in
            caught.append(mail)
            caught.removeFirst(max(0, caught.count - Self.most))
        }
    }

    /// The mails, newest first.
    var mails: [DemoMail] {
        caught.withLock { $0 }.reversed().map { mail in
            DemoMail(
                recipient: mail.recipient.text, subject: mail.subject, text: mail.text,
                time: CalendarTime(mail.writtenAt).words)
        }
    }
}
