package import GatehouseSQL

/// Tells clients what they have to be told.
///
/// A delivery is claimed before it is tried, and a claim ends by itself: so no two nodes try at the
/// same time, and what a dead node had claimed is tried again. The client may hear twice of one
/// thing, and never not at all.
package struct TellClients: Sendable {
    let database: any Database
    let registry: Registry
    let instanceKey: InstanceKey
    let outbound: any Outbound

    package init(
        database: any Database, registry: Registry, instanceKey: InstanceKey,
        outbound: any Outbound
    ) {
        self.database = database
        self.registry = registry
        self.instanceKey = instanceKey
        self.outbound = outbound
    }

    /// The most bytes of an answer; nobody reads them.
    private static let mostBytes = 64 * 1024

    /// Claims deliveries that are due, at most so many.
    package func claim(_ limit: Int, at now: Timestamp) async throws -> [Delivery] {
        let due = try await database.read { try $0.dueDeliveries(limit, at: now) }
        guard !due.isEmpty else { return [] }
        return try await database.write { transaction in
            try due.compactMap { delivery in
                try transaction.records(of: delivery.tenantID).deliveries
                    .claim(delivery, at: now)
            }
        }
    }

    /// Tries a delivery that was claimed.
    ///
    /// - Returns: What went wrong; nil if the client was told.
    package func attempt(_ delivery: Delivery, at now: Timestamp) async -> DeliveryFailure? {
        do throws(DeliveryFailure) {
            try await send(try await prepare(delivery, at: now), at: now)
            return nil
        } catch {
            return error
        }
    }

    /// Records how an attempt went, and decides whether there is another one.
    package func record(
        _ failure: DeliveryFailure?, of delivery: Delivery, at now: Timestamp
    ) async throws {
        try await database.write { transaction in
            let records = transaction.records(of: delivery.tenantID)
            let next = failure.flatMap { delivery.next(after: $0, at: now) }
            let isOurs =
                if let next {
                    try records.deliveries.postpone(delivery, to: next)
                } else {
                    try records.remove(delivery)
                }
            // Another node has it if the claim was over: that one tells how it went. What was not
            // sent is not worth telling, unless nobody tries again.
            guard isOurs, failure?.isPostponed != true || next == nil else { return }
            try records.events.append(
                delivery.event(failure, isOver: next == nil),
                on: Occasion(now: now, requestID: delivery.requestID, address: nil))
        }
    }

    /// Writes the letter, if there still is somebody to send it to.
    private func prepare(
        _ delivery: Delivery, at now: Timestamp
    ) async throws(DeliveryFailure) -> Letter {
        do {
            guard let client = try await client(of: delivery, at: now) else {
                throw DeliveryFailure.unregistered
            }
            let letter =
                switch delivery.news {
                case .logout(let session):
                    try await logoutLetter(delivery, of: session, to: client, at: now)
                case .ping(let id):
                    try await pingLetter(delivery, of: id, to: client, at: now)
                }
            guard !letter.address.isOnServer(of: delivery.issuer) else {
                throw DeliveryFailure.ownAddress
            }
            return letter
        } catch let failure as DeliveryFailure {
            throw failure
        } catch {
            throw .unprepared
        }
    }

    /// The client, if it and its tenant are alive.
    private func client(of delivery: Delivery, at now: Timestamp) async throws -> Client? {
        try await database.read { transaction in
            guard let tenant = try transaction.tenants.find(delivery.tenantID) else { return nil }
            let client = try transaction.records(of: tenant.id).clients.find(delivery.clientID)
            var standing = Standing(tenant: tenant)
            standing.client = .involved(client)
            return standing.mayAct(at: now) ? client : nil
        }
    }

    private func send(_ letter: Letter, at now: Timestamp) async throws(DeliveryFailure) {
        let answer: OutboundAnswer
        do throws(OutboundFailure) {
            answer = try await outbound.post(
                letter.content,
                to: OutboundRequest(letter.address, accept: "*/*", mostBytes: Self.mostBytes),
                at: now)
        } catch {
            throw DeliveryFailure(error)
        }
        // 204 where nothing follows: some frameworks say so (OpenID Connect Back-Channel Logout
        // §2.8), and all clients should (OpenID Connect CIBA Core §10.2).
        guard answer.status != 200, answer.status != 204 else { return }
        throw letter.refusals.contains(answer.status) ? .refused : .status
    }
}

extension TenantRecords {
    /// Removes a delivery, and what was kept for nothing else.
    ///
    /// False if the claim was over, and another node has it.
    fileprivate func remove(_ delivery: Delivery) throws -> Bool {
        guard try deliveries.remove(delivery) else { return false }
        if case .ping(let id) = delivery.news {
            try backchannelAuthentications.forgetNotification(of: id)
        }
        return true
    }
}

extension Delivery {
    /// How an attempt went.
    fileprivate func event(_ failure: DeliveryFailure?, isOver: Bool) -> Event {
        var detail: [(name: StaticString, value: String)] = [
            ("client", clientID.text), ("attempts", String(attempts)),
        ]
        if let failure {
            detail += [("reason", failure.reason), ("retry", isOver ? "no" : "yes")]
        }
        let (done, failed): (Event.Kind, Event.Kind) =
            switch news {
            case .logout: (.logoutDelivered, .logoutFailed)
            case .ping: (.backchannelPinged, .backchannelPingFailed)
            }
        return Event(
            failure == nil ? done : failed, by: .system, of: news.subject, detail: detail)
    }
}
