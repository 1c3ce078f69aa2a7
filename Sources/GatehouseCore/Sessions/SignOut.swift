private import GatehouseEncoding
package import GatehouseProtocol
package import GatehouseSQL

/// Ends sessions of a browser at a client's or a person's wish (OpenID Connect RP-Initiated Logout
/// 1.0): the one that the request is about, or all of them if it says of none.
///
/// A person is asked, unless the request proves by an ID token that it comes from a client of this
/// very session.
package struct SignOut: Sendable {
    let database: any Database
    let registry: Registry

    package init(database: any Database, registry: Registry) {
        self.database = database
        self.registry = registry
    }

    /// What a logout request leads to.
    package enum Outcome: Sendable {
        /// The session is over, or there was none.
        case signedOut(Farewell)
        /// Ask first.
        case confirm(Confirmation)
    }

    /// How a logout request ended.
    package struct Farewell: Sendable {
        /// Where the client wants the browser, if it registered that address; else a page of ours.
        package let destination: Destination?
        /// True if a session was ended.
        package let hadSession: Bool
        /// The secrets of the browser's sessions that go on, the active one first.
        package let remaining: [Secret]
        /// True if the client asked for an address that it did not register.
        package let isReturnRefused: Bool
        /// The pages of clients that the browser should load before it goes on.
        package let frames: [FrontChannelLogout]
        /// The client that asked, if it is known.
        package let client: Client?
    }

    /// A registered address, and what is added to it.
    package struct Destination: Sendable {
        package let uri: RedirectURI
        package let state: String?

        package var url: String { uri.adding(parameters) }
        package var parameters: [(String, String)] { state.map { [("state", $0)] } ?? [] }
    }

    /// What a person is asked.
    package struct Confirmation: Sendable {
        /// Whose sessions would end.
        package let users: [User]
        package let client: Client?
        package let request: EndSessionRequest
        /// Where an answer leads, for the page's security policy.
        package let target: RedirectURI?
        /// What the form must carry to prove that it was shown to this browser.
        package let formToken: String
        /// The browser's secret; to be set if it is new.
        package let browser: Secret
    }

    /// What is known of a request.
    private struct Reading: Sendable {
        /// The accounts that are signed in in the browser.
        let accounts: [LiveSession]
        /// Those that the request is about.
        let meant: [LiveSession]
        let client: Client?
        /// The registered address to go to, if there is one.
        let target: RedirectURI?
        let isProven: Bool

        func farewell(
            _ request: EndSessionRequest, ending: [LiveSession] = [],
            loading frames: [FrontChannelLogout] = []
        ) -> Farewell {
            let ended = Set(ending.map(\.session.id))
            return Farewell(
                destination: target.map { Destination(uri: $0, state: request.state) },
                hadSession: !ended.isEmpty,
                remaining: accounts.filter { !ended.contains($0.session.id) }.map(\.secret),
                isReturnRefused: request.postLogoutRedirectURI != nil && target == nil,
                frames: frames, client: client)
        }
    }

    package func begin(
        _ request: EndSessionRequest, at tenant: Tenant, through issuer: Issuer,
        from browser: Browser, on occasion: Occasion
    ) async throws -> Outcome {
        let reading = try await read(
            request, at: tenant, through: issuer, from: browser, on: occasion)
        guard !reading.meant.isEmpty else {
            return .signedOut(reading.farewell(request))
        }
        if reading.isProven {
            let frames = try await end(reading.meant, at: tenant, on: occasion)
            return .signedOut(
                reading.farewell(request, ending: reading.meant, loading: frames))
        }
        let secret = browser.secret ?? Secret(for: .browser)
        return .confirm(
            Confirmation(
                users: reading.meant.map(\.user), client: reading.client, request: request,
                target: reading.target,
                formToken: Self.formToken(for: reading.meant, from: secret),
                browser: secret))
    }

    /// Ends the sessions that the person was shown, after they said yes.
    ///
    /// Nil if the form is not this browser's.
    package func confirm(
        _ request: EndSessionRequest, formToken: String, at tenant: Tenant,
        through issuer: Issuer, from browser: Browser, on occasion: Occasion
    ) async throws -> Outcome? {
        let reading = try await read(
            request, at: tenant, through: issuer, from: browser, on: occasion)
        guard !reading.accounts.isEmpty else {
            return .signedOut(reading.farewell(request))
        }
        guard let shown = browser.secret.flatMap({ Self.sessions(in: formToken, from: $0) })
        else { return nil }
        let ending = reading.accounts.filter { shown.contains($0.session.id) }
        let frames = try await end(ending, at: tenant, on: occasion)
        return .signedOut(reading.farewell(request, ending: ending, loading: frames))
    }

    /// Who is signed in in this browser, the active account first.
    package func accounts(
        in browser: Browser, at tenant: Tenant, on occasion: Occasion
    ) async throws -> [LiveSession] {
        try await database.read { transaction in
            try transaction.records(of: tenant.id)
                .liveSessions(of: browser, in: tenant, letIn: false, at: occasion.now)
        }
    }

    /// What proves that a form was shown to a browser, and says which sessions it is about.
    private static func formToken(for accounts: [LiveSession], from browser: Secret) -> String {
        let sessions = accounts.map(\.session.id.text).joined(separator: "+")
        return sessions + "." + browser.authenticationCode(for: "sign-out/\(sessions)")
    }

    /// The sessions that a form is about; nil if it was not shown to this browser.
    private static func sessions(in formToken: String, from browser: Secret) -> Set<Session.ID>? {
        let parts = formToken.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2,
            browser.isValid(String(parts[1]), for: "sign-out/\(parts[0])")
        else { return nil }
        return Set(parts[0].split(separator: "+").compactMap { Session.ID(parsing: String($0)) })
    }

    /// Ends the sessions, but for what ended at this moment; the pages that the browser should load.
    private func end(
        _ accounts: [LiveSession], at tenant: Tenant, on occasion: Occasion
    ) async throws -> [FrontChannelLogout] {
        try await database.write { transaction in
            let records = transaction.records(of: tenant.id)
            return try accounts.flatMap { try records.end($0.session, on: occasion) ?? [] }
        }
    }

    /// A client with a page at which a sign-in begins, and the address of that.
    package func beginning(
        _ id: Client.ID, at tenant: Tenant, through issuer: Issuer
    ) async throws -> (client: Client, url: String)? {
        let client = try await database.read { try $0.records(of: tenant.id).clients.find(id) }
        guard let client, client.disabledAt == nil, let uri = client.policies.initiateLoginURI
        else { return nil }
        return (client, uri.url(issuer: issuer))
    }

    /// The ID token of this issuer that the request brings, if it is one.
    private func hint(
        of request: EndSessionRequest, at tenant: Tenant, through issuer: Issuer,
        on occasion: Occasion
    ) async throws -> IDTokenHint? {
        guard let text = request.idTokenHint,
            let hint = try await registry.idTokenHint(text, in: tenant.id, at: occasion.now),
            hint.issuer.isExactly(issuer.text)
        else { return nil }
        return hint
    }

    private func read(
        _ request: EndSessionRequest, at tenant: Tenant, through issuer: Issuer,
        from browser: Browser, on occasion: Occasion
    ) async throws -> Reading {
        let hint = try await hint(of: request, at: tenant, through: issuer, on: occasion)
        let named = request.clientID.map(Client.ID.init(parsing:))
        let hintedUser =
            if let hint {
                try await registry.user(hintedBy: hint, in: tenant.id, at: occasion.now)
            } else {
                User.ID?.none
            }
        return try await database.read { transaction in
            let records = transaction.records(of: tenant.id)
            let accounts = try records.liveSessions(
                of: browser, in: tenant, letIn: false, at: occasion.now)
            // A hint that proves nothing, or another client than the one named, proves that the
            // request is not what it says.
            let isContradicted = hint.map { named != nil && named != $0.client } ?? false
            if isContradicted || (hint == nil && request.idTokenHint != nil) {
                return Reading(
                    accounts: accounts, meant: accounts, client: nil, target: nil, isProven: false)
            }
            let id = hint?.client ?? named.flatMap { $0 }
            let client = try id.flatMap { try records.clients.find($0) }
            var candidates = client.map { [$0] } ?? []
            if hint == nil, named == nil {
                for account in accounts {
                    candidates += try records.clients.all(ofSession: account.session.id)
                }
            }
            let target = request.postLogoutRedirectURI.flatMap { requested in
                candidates.lazy.compactMap { $0.postLogoutRedirectURI(covering: requested) }.first
            }
            let proven = accounts.first { $0.session.id == hint?.session }
            let hinted = proven ?? accounts.first { $0.user.id == hintedUser }
            return Reading(
                accounts: accounts, meant: hinted.map { [$0] } ?? accounts, client: client,
                target: target, isProven: proven != nil)
        }
    }
}
