import CLibPQ
import Foundation
import GatehouseSQL

/// What is said to the server, and how its answers are waited for.
///
/// In pipeline mode several commands go out together. Their answers come in the same order, each
/// end of a batch with an answer of its own.
final class PostgresWire {
    private enum Expected {
        case command
        case endOfBatch
    }

    private let handle: OpaquePointer
    private let settings: PostgresSettings
    private var expected: [Expected] = []
    private var isBroken = false

    init(_ settings: PostgresSettings) throws(DatabaseError) {
        guard let handle = PQconnectdb(settings.connectionString) else {
            throw .unavailable("There is no memory for a connection to PostgreSQL.")
        }
        self.handle = handle
        self.settings = settings
        guard PQstatus(handle) == CONNECTION_OK else {
            throw .unavailable("PostgreSQL cannot be reached: \(settings.redacted(message))")
        }
        // Notices, such as "relation exists, skipping", would go to the standard error.
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        guard PQserverVersion(handle) >= 130_000 else {
            throw .unusable("PostgreSQL is older than version 13.")
        }
    }

    deinit {
        PQfinish(handle)
    }

    var message: String { String(cString: PQerrorMessage(handle)) }

    /// True if nothing more can be asked.
    var isLost: Bool { isBroken || PQstatus(handle) == CONNECTION_BAD }

    /// Takes the connection for lost.
    func giveUp() {
        isBroken = true
    }

    func enterPipeline() throws(DatabaseError) {
        guard PQenterPipelineMode(handle) == 1 else {
            throw .unusable("PostgreSQL's library has no pipeline mode.")
        }
    }

    // MARK: Sending

    /// Adds a command without arguments to the batch.
    func send(_ command: String) -> Bool {
        expect(PQsendQueryParams(handle, command, 0, nil, nil, nil, nil, 1))
    }

    /// Adds a prepared statement to the batch.
    func send(_ statement: PostgresStatement, with arguments: inout PostgresArguments) -> Bool {
        let count = arguments.count
        return expect(
            arguments.withPointers { values, lengths, formats in
                PQsendQueryPrepared(
                    handle, statement.name, count, values, lengths, formats, 1)
            })
    }

    /// Adds the preparation of a statement to the batch.
    func prepare(_ statement: PostgresStatement, _ text: String, _ types: [Oid]) -> Bool {
        expect(PQsendPrepare(handle, statement.name, text, Int32(clamping: types.count), types))
    }

    /// Sends the batch.
    func sync() -> Bool {
        guard PQpipelineSync(handle) == 1 else { return false }
        expected.append(.endOfBatch)
        return true
    }

    private func expect(_ isSent: Int32) -> Bool {
        guard isSent == 1 else { return false }
        expected.append(.command)
        return true
    }

    // MARK: Answers

    /// How many commands the batch has.
    var commandCount: Int { expected.count { $0 == .command } }

    /// Sends the batch and waits for the answers to everything that was sent.
    ///
    /// - Returns: One answer for each command, in their order. After one that is no success there
    ///   may be fewer.
    func answers() throws(DatabaseError) -> [PostgresResult] {
        guard sync() else { throw broken() }
        let deadline = ContinuousClock.now + settings.limits.patience
        var answers: [PostgresResult] = []
        for next in expected {
            if let answer = try answer(before: deadline) { answers.append(answer) }
            // What ends a command is nothing; what ends a batch is an answer like any other.
            if isLost, next == .endOfBatch { break }
        }
        expected.removeAll(keepingCapacity: true)
        guard !answers.isEmpty else { throw broken() }
        return answers
    }

    /// The answer to several statements in one text, before the pipeline begins.
    func answer(toSimple text: String) throws(DatabaseError) -> PostgresResult {
        guard PQsendQuery(handle, text) == 1 else { throw broken() }
        let deadline = ContinuousClock.now + settings.limits.patience
        guard let answer = try answer(before: deadline), answer.status == .success else {
            throw broken()
        }
        return answer
    }

    /// The answer to one command: the last, or the first that is a failure; nil at the end of a
    /// batch.
    private func answer(
        before deadline: ContinuousClock.Instant
    ) throws(DatabaseError) -> PostgresResult? {
        var answer: PostgresResult?
        while let result = try result(before: deadline), result.status != .endOfBatch {
            if answer?.status != .failure { answer = result }
            if result.status == .unexpected { isBroken = true }
        }
        return answer
    }

    private func result(
        before deadline: ContinuousClock.Instant
    ) throws(DatabaseError) -> PostgresResult? {
        guard !isBroken else { return nil }
        while PQisBusy(handle) == 1 {
            let left = Int32(clamping: (deadline - .now).milliseconds)
            var socket = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
            let ready = left > 0 ? poll(&socket, 1, left) : 0
            if ready == 0 {
                isBroken = true
                throw .unavailable("PostgreSQL did not answer in time.")
            }
            // An interrupted wait goes on; any other trouble shows here.
            guard PQconsumeInput(handle) == 1 else { throw broken() }
        }
        return PQgetResult(handle).map(PostgresResult.init)
    }

    /// The connection ended in the middle of something.
    private func broken() -> DatabaseError {
        isBroken = true
        return .unavailable(
            "The connection to PostgreSQL broke: \(settings.redacted(message))")
    }
}
