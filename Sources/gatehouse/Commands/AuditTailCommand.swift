import ArgumentParser
import GatehouseAdmin
import GatehouseCore
import GatehouseEncoding
import GatehouseWeb

/// Prints what happens at a tenant while it happens.
struct AuditTailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Print what happens at a tenant as it happens.",
        discussion: """
            It begins with the latest events and goes on until it is stopped: on a terminal a line \
            for each, elsewhere or with --json a JSON object.
            """)
    @OptionGroup var owner: AuditCommand.Owner
    @OptionGroup var selection: AuditCommand.Selection
    @Option(help: "How many of the latest events to begin with.") var latest: Int = 10
    @OptionGroup var instance: InstanceOptions
    @OptionGroup var output: OutputOptions

    /// How long it is waited between two looks.
    private static let pause = Duration.seconds(1)
    /// How many events are asked for at a time.
    private static let page: Int64 = 1_000

    func run() async throws {
        let (output, began) = (Output(output), Clock.system.now)
        var tail = EventTail()
        var found =
            latest == 0 ? [] : try await look([("limit", .integer(Int64(clamping: latest)))])
        while true {
            for event in tail.take(found) { output.printLine(event) }
            try await Task.sleep(for: Self.pause)
            found = try await lookForNew(since: tail.start ?? began)
        }
    }

    /// All that happened from a moment on, the newest first.
    private func lookForNew(since start: Timestamp) async throws -> [JSONValue] {
        var found: [JSONValue] = []
        var page: [JSONValue]
        repeat {
            page = try await look([
                ("since", .optional(start.text)), ("limit", .integer(Self.page)),
                ("after", found.last?["id"]),
            ])
            found += page
        } while page.count == Self.page
        return found
    }

    private func look(_ arguments: [(String, JSONValue?)]) async throws -> [JSONValue] {
        try await OperationRunner(options: instance).perform(
            Operation(
                .listEvents,
                [("tenant", .string(owner.tenant))] + selection.arguments + arguments)
        ).array ?? []
    }
}

/// Which events of those that are looked at again and again were not printed yet.
struct EventTail {
    /// How long before the newest event one may have happened that is seen only later: the
    /// transaction that writes it takes its time, and nodes have clocks of their own.
    private static let lateness = Lifetime.seconds(15)

    /// When the events happened that were printed, by their ids, as far back as is looked.
    private var printed: [String: Timestamp] = [:]

    /// From when on to look; nil if nothing was seen yet.
    var start: Timestamp? { printed.values.max().map { $0 - Self.lateness } }

    /// The events that are new, the oldest first, of some that are told the newest first.
    mutating func take(_ found: [JSONValue]) -> [JSONValue] {
        let new = found.reversed().filter { event in
            event["id"]?.string.map { printed[$0] == nil } ?? false
        }
        for event in new {
            guard let id = event["id"]?.string,
                let moment = event["occurred_at"]?.string.flatMap(Timestamp.init(parsing:))
            else { continue }
            printed[id] = moment
        }
        if let start { printed = printed.filter { $0.value >= start } }
        return new
    }
}

extension Output {
    /// Prints an event on a line of its own, at once.
    fileprivate func printLine(_ event: JSONValue) {
        let line =
            isJSON
            ? String(decoding: event.serialized(), as: UTF8.self)
            : ["occurred_at", "kind", "actor", "subject", "address"]
                .map { (event[$0]?.string ?? "–").printable() }.joined(separator: "  ")
        TextStream.output.write(line + "\n")
    }
}
