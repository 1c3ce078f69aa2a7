import GatehouseCore

/// What happened at a tenant, looked at and exported.
enum AuditEndpoints {
    static let all: [AdminEndpoint] = [
        .list(
            .listEvents, TenantEndpoints.one + "/events",
            "Search the events of a tenant, newest first.",
            .event,
            by: [
                .text("kind", "Only those of this kind, such as user.created."),
                .text("actor", "Only what this user, client or key did; or operator, and so on."),
                .text("subject", "Only what happened to this record."), since, until,
            ]),
        .show(
            .showCheckpoint, TenantEndpoints.one + "/audit/checkpoint",
            "Show a signed checkpoint of all that happened until now.", .checkpoint),
        AdminEndpoint.show(
            .showAuditKey, "audit/key", "Show the key that checkpoints are signed with.", .auditKey
        ).ofInstallation,
        AdminEndpoint.show(
            .beginExport, TenantEndpoints.one + "/audit/export",
            "Begin an export: its first line, and what it covers.", .exportBeginning
        ).taking([since, until]),
        AdminEndpoint.show(
            .pageOfExport, TenantEndpoints.one + "/audit/export/lines", "Show lines of an export.",
            .exportLines
        ).taking([
            number("after", "The last sequence number of the lines before.").required,
            number("to", "Up to which it goes.").required,
        ]),
        .act(
            .endExport, TenantEndpoints.one + "/audit/export/end",
            "End an export: its last line, which is signed.", .exportEnd,
            [
                Member.text("header", "What the beginning says of its first line.").required,
                number("from", "Its first sequence number.").required,
                number("to", "Its last one.").required,
                number("lines", "How many lines it has between the first and the last.").required,
                .flag("recorded", "Whether an event tells of it. Default: true."),
            ]),
    ]

    private static func number(_ name: String, _ words: String) -> Member {
        .number(name, 0...(1 << 53) - 1, words)
    }

    private static let since = Member.text(
        "since", "Only from this time on, such as 2026-11-28 or 2026-11-28T17:20:00Z.")
    private static let until = Member.text("until", "Only before this time.")
}

extension Shape {
    static let event = Shape(
        "Event", "Something that happened.",
        [
            .time("occurred_at", "When.").orNull, .text("kind", "What."),
            .text("actor", "Who did it."), .text("subject", "The record it happened to.").orNull,
            Field("detail", .anyObject, "What else is known."),
            .text("address", "The network address that it came from.").orNull,
            .text("request_id", "In which request."), .text("id", "Its id."),
            .number("sequence", "Its place in the chain; null while it is not sealed.").orNull,
        ])

    static let checkpoint = Shape(
        "Checkpoint", "A signed statement about all events up to one.",
        [.text("checkpoint", "The checkpoint, a JWT.")])

    static let auditKey = Shape(
        "AuditKey", "The key that checkpoints are signed with.",
        [
            .text("thumbprint", "Its thumbprint (RFC 7638)."),
            Field("key", .anyObject, "The public key (RFC 7517)."),
        ])

    static let exportBeginning = Shape(
        "ExportBeginning", "The first line of an export.",
        [
            .text("line", "The line."), .text("header", "What ties the export together."),
            .number("from", "Its first sequence number."), .number("to", "Its last one."),
            .flag("altered", "Whether events were altered since they were sealed."),
        ])

    static let exportLines = Shape(
        "ExportLines", "Lines of an export.",
        [.texts("lines", "The lines."), .number("last", "The last sequence number of them.")])

    static let exportEnd = Shape(
        "ExportEnd", "The last line of an export.", [.text("line", "The line.")])
}
