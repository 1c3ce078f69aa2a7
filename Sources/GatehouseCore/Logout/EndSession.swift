package import GatehouseProtocol

/// A client whose page signs the browser out, for a session that just ended.
package struct FrontChannelLogout: Sendable, Hashable {
    package let uri: FrontChannelLogoutURI
    /// The address that the client's ID token came through.
    package let issuer: String
    package let sessionID: Session.ID

    /// What a frame loads.
    package var url: String { uri.url(issuer: issuer, sessionID: sessionID.text) }
}

extension TenantRecords {
    /// Ends a session with what was to last as long, and has those told that were given ID tokens
    /// in it.
    ///
    /// It is the person who does so, unless somebody else is named.
    ///
    /// - Returns: The clients whose pages the browser should load; nil if the session had ended.
    func end(
        _ session: Session, by actor: Event.Actor? = nil, on occasion: Occasion
    ) throws -> [FrontChannelLogout]? {
        guard try sessions.end(session.id, at: occasion.now) else { return nil }
        try grants.revokeOnline(ofSession: session.id, at: occasion.now)
        try events.append(
            Event(.signedOut, by: actor ?? .user(session.userID), of: session.id.text),
            on: occasion)
        return try tellClients(of: session, on: occasion)
    }

    /// Ends every session and revokes every grant of a user whose row is held, and has those told
    /// that were given ID tokens in a session that was alive.
    func endAll(of user: User.ID, on occasion: Occasion) throws {
        let live = try sessions.live(of: user, at: occasion.now)
        try sessions.endAll(of: user, at: occasion.now)
        try grants.revokeAll(of: user, at: occasion.now)
        for session in live { _ = try tellClients(of: session, on: occasion) }
    }

    /// Writes down whom to tell.
    ///
    /// Called once the grants are revoked: whoever is given an ID token at this moment either has
    /// written that down before, or gets none.
    private func tellClients(
        of session: Session, on occasion: Occasion
    ) throws -> [FrontChannelLogout] {
        var known: [Client.ID: Client?] = [:]
        var frames: [FrontChannelLogout] = []
        for (id, issuer) in try sessionClients.all(of: session.id) {
            let client = try known[id] ?? clients.find(id)
            known[id] = client
            guard let client, client.disabledAt == nil else { continue }
            if client.policies.logout.backChannel != nil {
                try deliveries.insert(
                    Delivery(
                        of: session, to: id, issuer: issuer, in: tenantID, on: occasion))
            }
            if let uri = client.policies.logout.frontChannel {
                frames.append(
                    FrontChannelLogout(uri: uri, issuer: issuer, sessionID: session.id))
            }
        }
        return frames
    }
}
