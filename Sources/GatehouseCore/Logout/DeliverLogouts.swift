private import GatehouseEncoding
private import GatehouseJOSE
private import GatehouseProtocol
package import GatehouseSQL

/// Tells clients that a session is over (OpenID Connect Back-Channel Logout 1.0).
///
/// A delivery is claimed before it is tried, and a claim ends by itself: so no two nodes try at the
/// same time, and what a dead node had claimed is tried again. The client may hear twice of one
/// session, each time by another token, and never not at all.
package struct DeliverLogouts: Sendable {
    let database: any Database
    let registry: Registry
    let outbound: any Outbound

    package init(database: any Database, registry: Registry, outbound: any Outbound) {
        self.database = database
        self.registry = registry
        self.outbound = outbound
    }

    /// The most bytes of an answer; nobody reads them.
    private static let mostBytes = 64 * 1024

    /// Claims deliveries that are due, at most so many.
    package func claim(_ limit: Int, at now: Timestamp) async throws -> [LogoutDelivery] {
        let due = try await database.read { try $0.dueLogouts(limit, at: now) }
        guard !due.isEmpty else { return [] }
        return try await database.write { transaction in
            try due.compactMap { delivery in
                try transaction.records(of: delivery.tenantID).logoutDeliveries
                    .claim(delivery, at: now)
            }
        }
    }

    /// Tries a delivery that was claimed.
    ///
    /// - Returns: What went wrong; nil if the client was told.
    package func attempt(_ delivery: LogoutDelivery, at now: Timestamp) async -> LogoutFailure? {
        do throws(LogoutFailure) {
            try await send(try await prepare(delivery, at: now), at: now)
            return nil
        } catch {
            return error
        }
    }

    /// Records how an attempt went, and decides whether there is another one.
    package func record(
        _ failure: LogoutFailure?, of delivery: LogoutDelivery, at now: Timestamp
    ) async throws {
        try await database.write { transaction in
            let records = transaction.records(of: delivery.tenantID)
            let next = failure.flatMap { delivery.next(after: $0, at: now) }
            let isOurs =
                if let next {
                    try records.logoutDeliveries.postpone(delivery, to: next)
                } else {
                    try records.logoutDeliveries.remove(delivery)
                }
            // Another node has it if the claim was over: that one tells how it went. What was not
            // sent is not worth telling, unless nobody tries again.
            guard isOurs, failure?.isPostponed != true || next == nil else { return }
            try records.events.append(
                delivery.event(failure, isOver: next == nil),
                on: Occasion(now: now, requestID: delivery.requestID, address: nil))
        }
    }

    /// A token on its way to a client.
    private struct Letter: Sendable {
        let address: OutboundAddress
        let token: String
    }

    /// Makes the token, if there still is somebody to send it to.
    private func prepare(
        _ delivery: LogoutDelivery, at now: Timestamp
    ) async throws(LogoutFailure) -> Letter {
        do {
            guard let client = try await client(of: delivery, at: now),
                let address = client.policies.logout.backChannel
            else { throw LogoutFailure.unregistered }
            guard !address.isOnServer(of: delivery.issuer) else { throw LogoutFailure.ownAddress }
            return Letter(
                address: address, token: try await token(for: delivery, to: client, at: now))
        } catch let failure as LogoutFailure {
            throw failure
        } catch {
            throw .unprepared
        }
    }

    /// The client, if it and its tenant are alive.
    private func client(
        of delivery: LogoutDelivery, at now: Timestamp
    ) async throws -> Client? {
        try await database.read { transaction in
            guard let tenant = try transaction.tenants.find(delivery.tenantID) else { return nil }
            let client = try transaction.records(of: tenant.id).clients.find(delivery.clientID)
            var standing = Standing(tenant: tenant)
            standing.client = .involved(client)
            guard standing.mayAct(at: now) else { return nil }
            return client
        }
    }

    private func token(
        for delivery: LogoutDelivery, to client: Client, at now: Timestamp
    ) async throws -> String {
        let algorithm = client.policies.idTokenAlgorithm
        let subject = try await registry.subject(
            of: delivery.userID, for: client, in: delivery.tenantID, at: now)
        let claims = LogoutTokenClaims(
            issuer: Issuer(stored: delivery.issuer), subject: subject,
            audience: client.id.text, issuedAt: now.seconds, tokenID: LogoutToken.ID(at: now).text,
            sessionID: delivery.sessionID.text)
        let keys = try await registry.keys(
            of: delivery.tenantID, signingWith: algorithm, at: now)
        return try keys.signer(algorithm, for: .logoutToken, at: now).sign(claims.serialized())
    }

    private func send(_ letter: Letter, at now: Timestamp) async throws(LogoutFailure) {
        let answer: OutboundAnswer
        do throws(OutboundFailure) {
            answer = try await outbound.post(
                FormParameters([(ParameterName.logoutToken.text.description, letter.token)]),
                to: OutboundRequest(letter.address, accept: "*/*", mostBytes: Self.mostBytes),
                at: now)
        } catch {
            throw LogoutFailure(error)
        }
        switch answer.status {
        // Some frameworks say 204 where nothing follows (OpenID Connect Back-Channel Logout §2.8).
        case 200, 204: return
        case 400: throw .refused
        default: throw .status
        }
    }
}

extension LogoutDelivery {
    /// How an attempt went.
    fileprivate func event(_ failure: LogoutFailure?, isOver: Bool) -> Event {
        var detail: [(name: StaticString, value: String)] = [
            ("client", clientID.text), ("attempts", String(attempts)),
        ]
        if let failure {
            detail += [("reason", failure.reason), ("retry", isOver ? "no" : "yes")]
        }
        return Event(
            failure == nil ? .logoutDelivered : .logoutFailed, by: .system, of: sessionID.text,
            detail: detail)
    }
}

/// Names the ids of logout tokens, which are not recorded.
enum LogoutToken: Identified {
    typealias ID = Identifier<LogoutToken>
    static let identifierPrefix = "lo"
}
