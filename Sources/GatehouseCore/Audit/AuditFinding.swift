/// Something that is wrong with an export, and where.
package struct AuditFinding: Sendable, Hashable {
    /// The line, counted from 1.
    package let line: Int64
    /// The number of the event; nil if the line is none, or does not say.
    package let sequence: Int64?
    package let problem: Problem

    package enum Problem: Sendable, Hashable {
        // A line alone.
        case tooLong
        case notJSON
        case unknown
        case notAsWritten
        case noHeader
        case secondHeader
        case otherTenant
        case wrongHash

        // An event among others.
        case missing(Int64, Int64)
        case repeated
        case outOfOrder
        case wrongPrevious
        case altered

        // What was signed.
        case otherKey
        case unusableKey
        case checkpointNotSigned
        case checkpointDiffers
        case endNotSigned
        case endDiffers
        case lineCount(Int64)
        case headerDiffers
        case afterEnd
        case truncated
        case unterminated

        // What was brought along.
        case givenNotSigned
        case givenDiffers
        case givenOutside
    }
}

extension AuditFinding.Problem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLong: "The line is longer than any that Gatehouse writes."
        case .notJSON: "The line is no JSON object."
        case .unknown: "The line is of no kind that an export has."
        case .notAsWritten: "The line is not written as Gatehouse writes it."
        case .noHeader: "The file does not begin with the header of an export."
        case .secondHeader: "There is a second header."
        case .otherTenant: "The line is of another tenant than the export."
        case .wrongHash: "The event is not the one that was sealed: its hash is another."
        case .missing(let first, let last):
            first == last
                ? "Event \(first) is missing before it."
                : "Events \(first) to \(last) are missing before it."
        case .repeated: "The event was there already."
        case .outOfOrder: "The event does not belong here: a later one is before it."
        case .wrongPrevious: "The event does not follow the one before it."
        case .altered: "Gatehouse found here that somebody had altered the trail in the database."
        case .otherKey: "The export was signed with another key than the trusted one."
        case .unusableKey: "The header names no key that can be used."
        case .checkpointNotSigned: "The checkpoint was not signed with the key."
        case .checkpointDiffers: "The checkpoint is of other events than those before it."
        case .endNotSigned: "The end was not signed with the key."
        case .endDiffers: "The end is that of an export of other events."
        case .lineCount(let lines): "The export was written with \(lines) lines."
        case .headerDiffers: "The end is that of an export with another header."
        case .afterEnd: "There is something after the end of the export."
        case .truncated: "The file ends before the end of the export."
        case .unterminated: "The last line has no end."
        case .givenNotSigned: "The given checkpoint was not signed with the key for this tenant."
        case .givenDiffers: "The event of the given checkpoint is another one than it was."
        case .givenOutside: "The event of the given checkpoint is not in the export."
        }
    }
}
