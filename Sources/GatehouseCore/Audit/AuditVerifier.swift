private import GatehouseEncoding
package import GatehouseJOSE

/// Verifies an export line by line: that every event is the one that was sealed, that none is missing,
/// and that what was signed fits.
///
/// It needs nothing but the file and, to know whose word it is, the key. It reads what anybody may
/// have written, holds one line at a time, and goes on after what is wrong.
package struct AuditVerifier: Sendable {
    /// Whose signatures count.
    package enum Trust: Sendable {
        /// The key that the export brings: that shows damage, and no forgery.
        case whoever
        case thumbprint(String)
        case key(JSONWebKey)
    }

    /// The event before, as it is and as it says.
    private struct Last: Sendable {
        let sequence: Int64
        let hashes: [ChainHash]
    }

    private let trust: Trust
    private let given: String?
    private let givenCheckpoint: Checkpoint?
    private var lines = TextLines(longest: AuditLine.longest)
    private var report = AuditReport()
    private var line: Int64 = 0
    private var header: ExportHeader?
    private var key: JSONWebKey?
    private var last: Last?
    /// How many lines after the last event could not be read: there may have been events.
    private var unread: Int64 = 0
    private var isOver = false
    private var isGivenMet = false

    /// Verifies by a key, and by a checkpoint if one was kept elsewhere: its event has to be there.
    package init(trusting trust: Trust, checkpoint: String? = nil) {
        self.trust = trust
        given = checkpoint
        givenCheckpoint = checkpoint.flatMap(Checkpoint.init(unverified:))
        if case .key(let trusted) = trust { key = trusted }
    }

    /// Reads the next bytes of the file.
    package mutating func read(_ bytes: [UInt8]) {
        var lines = lines
        lines.take(bytes) { take($0) }
        self.lines = lines
    }

    /// What was found out, once all bytes were read.
    package mutating func finish() -> AuditReport {
        if lines.hasRest {
            var lines = lines
            lines.finish { take($0) }
            self.lines = lines
            note(.unterminated)
        }
        if line == 0 { note(.noHeader) }
        if !isOver { note(.truncated) }
        checkGiven()
        var trusted = false
        if case .whoever = trust {} else { trusted = true }
        report.take(header, keyID: key?.thumbprint(), isTrusted: trusted && key != nil)
        return report
    }

    private mutating func note(_ problem: AuditFinding.Problem, sequence: Int64? = nil) {
        report.add(AuditFinding(line: line, sequence: sequence, problem: problem))
    }

    // MARK: Lines

    private mutating func take(_ bytes: [UInt8]?) {
        line += 1
        if isOver { note(.afterEnd) }
        guard let bytes else { return skip(.tooLong) }
        // Why it is none does not matter.
        guard let object = try? JSONObject(parsing: bytes) else { return skip(.notJSON) }
        let kind = object["type"]?.string.flatMap(AuditLine.Kind.init(rawValue:))
        if line == 1, kind != .header { note(.noHeader) }
        switch kind {
        case .header: takeHeader(object, bytes)
        case .event: takeEvent(object, bytes)
        case .checkpoint, .end: takeToken(object, bytes, kind == .end)
        case nil: skip(.unknown)
        }
    }

    /// Notes a line that says nothing.
    private mutating func skip(_ problem: AuditFinding.Problem) {
        note(problem)
        unread += 1
    }

    private mutating func takeHeader(_ object: JSONObject, _ bytes: [UInt8]) {
        guard line == 1 else { return note(.secondHeader) }
        guard let read = ExportHeader(object), read.line == bytes else {
            return note(.notAsWritten)
        }
        header = read
        let found = Self.key(in: read)
        switch trust {
        case .whoever:
            key = found
            if found == nil { note(.unusableKey) }
        case .thumbprint(let trusted):
            key = found.flatMap { $0.thumbprint().isExactly(trusted) ? $0 : nil }
            if key == nil { note(.otherKey) }
        case .key(let trusted):
            if found?.thumbprint() != trusted.thumbprint() { note(.otherKey) }
        }
    }

    private static func key(in header: ExportHeader) -> JSONWebKey? {
        // What is wrong with a key that cannot be used does not matter.
        let key = try? JSONWebKey(header.key)
        return key?.jsonObject == header.key ? key : nil
    }

    // MARK: Events

    private mutating func takeEvent(_ object: JSONObject, _ bytes: [UInt8]) {
        guard let event = SealedEvent(object), event.line == bytes else {
            note(.notAsWritten, sequence: object["sequence"]?.integer)
            unread += 1
            return
        }
        let (sequence, hash) = (event.sequence, event.trueHash)
        if let header, !event.tenantID.text.isExactly(header.tenantID.text) {
            note(.otherTenant, sequence: sequence)
        }
        report.count(event.event)
        guard isInOrder(event) else { return }
        if hash != event.hash {
            note(.wrongHash, sequence: sequence)
        } else if follows(event) == false {
            note(.wrongPrevious, sequence: sequence)
        }
        if event.event.kind.isExactly(Event.Kind.auditAltered.rawValue) {
            note(.altered, sequence: sequence)
        }
        if let givenCheckpoint, givenCheckpoint.sequence == sequence {
            isGivenMet = true
            if givenCheckpoint.hash != hash { note(.givenDiffers, sequence: sequence) }
        }
        last = Last(sequence: sequence, hashes: [event.hash, hash])
        unread = 0
    }

    /// Whether an event comes after those before it; notes what is missing in between.
    private mutating func isInOrder(_ event: SealedEvent) -> Bool {
        let sequence = event.sequence
        guard let before = last?.sequence ?? header.map({ $0.from - 1 }) else { return true }
        guard sequence > before else {
            note(sequence == before ? .repeated : .outOfOrder, sequence: sequence)
            return false
        }
        // As many as there were lines that could not be read are not missing, but damaged.
        if sequence.subtractingReportingOverflow(before).partialValue > unread + 1 {
            note(.missing(before + 1, sequence - 1), sequence: sequence)
        }
        return true
    }

    /// Whether an event names the one before it; nil if that is not known.
    private func follows(_ event: SealedEvent) -> Bool? {
        guard unread == 0 else { return nil }
        if let last {
            return event.sequence - 1 == last.sequence ? last.hashes.contains(event.previous) : nil
        }
        guard let header, event.sequence == header.from else { return nil }
        return event.previous == header.previous
    }

    // MARK: What was signed

    private mutating func takeToken(_ object: JSONObject, _ bytes: [UInt8], _ isEnd: Bool) {
        let kind = isEnd ? AuditLine.Kind.end : .checkpoint
        guard let token = object["token"]?.string, AuditLine.line(kind, token) == bytes else {
            return note(.notAsWritten)
        }
        isOver = isOver || isEnd
        // Without a key nothing that is signed can be believed, and that is noted already.
        guard let key else { return }
        if isEnd {
            checkEnd(token, key)
        } else {
            check(token, key)
        }
    }

    private mutating func check(_ token: String, _ key: JSONWebKey) {
        do throws(JOSEError) {
            let checkpoint = try Checkpoint(token, signedBy: key)
            guard isOfThisTenant(checkpoint.tenantID) else { return note(.otherTenant) }
            guard !isAhead(checkpoint) else { return }
            let isHere = isLast(checkpoint.sequence, checkpoint.hash)
            guard isHere ?? true else { return note(.checkpointDiffers) }
            report.count(checkpoint)
        } catch {
            note(.checkpointNotSigned)
        }
    }

    /// Whether a checkpoint is of an event that has not come; notes that it is missing, and goes on as
    /// if it had, since its hash is known by the checkpoint.
    private mutating func isAhead(_ checkpoint: Checkpoint) -> Bool {
        guard unread == 0, let before = last?.sequence ?? header.map({ $0.from - 1 }),
            checkpoint.sequence > before
        else { return false }
        note(.missing(before + 1, checkpoint.sequence))
        last = Last(sequence: checkpoint.sequence, hashes: [checkpoint.hash])
        return true
    }

    private mutating func checkEnd(_ token: String, _ key: JSONWebKey) {
        do throws(JOSEError) {
            let end = try ExportEnd(token, signedBy: key)
            guard isOfThisTenant(end.tenantID) else { return note(.otherTenant) }
            if let header {
                if end.header != header.hash { note(.headerDiffers) }
                let before = last?.sequence ?? header.from - 1
                if unread == 0, end.to > before { note(.missing(before + 1, end.to)) }
            }
            if end.lines != line { note(.lineCount(end.lines)) }
            if isLast(end.to, end.hash) == false { note(.endDiffers) }
        } catch {
            note(.endNotSigned)
        }
    }

    private func isOfThisTenant(_ tenant: Tenant.ID) -> Bool {
        header.map { $0.tenantID.text.isExactly(tenant.text) } ?? true
    }

    /// Whether the event before has this number and hash; nil if that cannot be said.
    private func isLast(_ sequence: Int64, _ hash: ChainHash) -> Bool? {
        guard unread == 0 else { return nil }
        if let last { return last.sequence == sequence && last.hashes.contains(hash) }
        return header.map { $0.from - 1 == sequence && $0.previous == hash }
    }

    private mutating func checkGiven() {
        guard let given else { return }
        guard let checkpoint = givenCheckpoint, isOfThisTenant(checkpoint.tenantID) else {
            return note(.givenNotSigned)
        }
        // Without a key nothing that is signed can be believed, and that is noted already.
        if let key, (try? Checkpoint(given, signedBy: key)) == nil { return note(.givenNotSigned) }
        guard !isGivenMet else { return }
        guard let header, checkpoint.sequence == header.from - 1 else { return note(.givenOutside) }
        if checkpoint.hash != header.previous { note(.givenDiffers) }
    }
}
