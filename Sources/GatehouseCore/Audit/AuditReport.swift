/// What was found out about an export.
package struct AuditReport: Sendable {
    /// The header; nil if there is none that can be believed.
    package fileprivate(set) var header: ExportHeader?
    /// The thumbprint of the key that signatures were checked with.
    package fileprivate(set) var keyID: String?
    /// Whether that key is one that whoever verifies it has from elsewhere.
    package fileprivate(set) var isKeyTrusted = false
    /// How many events could be read.
    package fileprivate(set) var events: Int64 = 0
    /// The first and the last time at which one of them happened.
    package fileprivate(set) var earliest: Timestamp?
    package fileprivate(set) var latest: Timestamp?
    /// How many checkpoints are right, and the last of them.
    package fileprivate(set) var checkpoints: Int64 = 0
    package fileprivate(set) var lastCheckpoint: Checkpoint?
    /// What is wrong, first things first; not more than can be looked at.
    package fileprivate(set) var findings: [AuditFinding] = []
    /// How many things are wrong.
    package fileprivate(set) var findingCount = 0

    private static let mostFindings = 50

    /// True if nothing is wrong with what could be checked.
    package var isIntact: Bool { findingCount == 0 }
}

extension AuditReport {
    mutating func add(_ finding: AuditFinding) {
        findingCount += 1
        if findings.count < Self.mostFindings { findings.append(finding) }
    }

    mutating func count(_ event: RecordedEvent) {
        events += 1
        earliest = min(earliest ?? event.occurredAt, event.occurredAt)
        latest = max(latest ?? event.occurredAt, event.occurredAt)
    }

    mutating func count(_ checkpoint: Checkpoint) {
        checkpoints += 1
        lastCheckpoint = checkpoint
    }

    mutating func take(_ header: ExportHeader?, keyID: String?, isTrusted: Bool) {
        self.header = header
        self.keyID = keyID
        isKeyTrusted = isTrusted
    }
}
