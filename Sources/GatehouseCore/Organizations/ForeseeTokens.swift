package import GatehouseSQL

/// Finds out beforehand whose tokens become longer than cookies and headers take, by what they say of
/// organizations.
///
/// It is asked by operators, who change these things or look at a client, and by nobody else: making a
/// token costs what it did. What it reads has a limit, however many people there are.
package struct ForeseeTokens: Sendable {
    let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    /// What was changed that tokens tell of.
    package enum Change: Sendable {
        case memberships(of: User.ID)
        case role(OrganizationRole.ID)
        case group(OrganizationGroup.ID)
        case organization(Organization.ID)
        case client(Client)
    }

    /// The longest tokens of a client, as it is now; nil if they tell nothing of organizations.
    package func longest(of client: Client, in tenant: Tenant.ID) async throws -> TokenForecast? {
        try await database.read { try $0.records(of: tenant).longestTokens(of: client) }
    }

    /// The longest tokens after a change, one for each client whose tokens do not fit comfortably.
    ///
    /// The audit is told of each.
    package func forecasts(
        after change: Change, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> [TokenForecast] {
        let found = try await database.read {
            try $0.records(of: tenant).longestTokens(after: change)
        }
        let forecasts = found.filter { $0.fit != .comfortable }
        guard !forecasts.isEmpty else { return [] }
        try await database.write { transaction in
            let events = transaction.records(of: tenant).events
            for forecast in forecasts {
                try events.append(forecast.event(by: occasion.operator), on: occasion)
            }
        }
        return forecasts
    }
}

extension TokenForecast {
    fileprivate func event(by actor: Event.Actor) -> Event {
        Event(
            .tokenOutgrowthForeseen, by: actor, of: client.text,
            detail: [
                ("user", user.text), ("fit", fit.rawValue),
                ("organizations", String(organizations)), ("bytes", String(tokenLength)),
            ])
    }
}

extension TenantRecords {
    /// The longest tokens of a client.
    fileprivate func longestTokens(of client: Client) throws -> TokenForecast? {
        guard client.disabledAt == nil, let those = client.policies.organizations.toldMemberships
        else { return nil }
        return try memberships.mostTold(among: those)
            .compactMap {
                TokenForecast(of: $0, in: try memberships.allCurrent(of: $0), to: client)
            }
            .max { $0.claimsLength < $1.claimsLength }
    }

    /// The longest tokens of each client about those whom a change is about.
    fileprivate func longestTokens(after change: ForeseeTokens.Change) throws -> [TokenForecast] {
        if case .client(let client) = change {
            return try longestTokens(of: client).map { [$0] } ?? []
        }
        let people = try people(of: change).map {
            (id: $0, memberships: try memberships.allCurrent(of: $0))
        }.filter { !TokenForecast.isComfortable(with: $0.memberships) }
        guard !people.isEmpty else { return [] }
        return try clients.someToldOfOrganizations().compactMap { client in
            people.compactMap { TokenForecast(of: $0.id, in: $0.memberships, to: client) }
                .max { $0.claimsLength < $1.claimsLength }
        }
    }

    /// Those of whom the most is told among the people whom a change is about.
    private func people(of change: ForeseeTokens.Change) throws -> [User.ID] {
        switch change {
        case .memberships(let user): [user]
        case .role(let id): try memberships.mostTold(among: memberships.holding(id))
        case .group(let id): try memberships.mostTold(among: memberships.inGroup(id))
        case .organization(let id): try memberships.mostTold(among: memberships.inside(id))
        case .client: []
        }
    }
}
