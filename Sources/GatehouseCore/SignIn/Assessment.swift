import GatehouseProtocol

/// What the records say of a visit: who is signed in in the browser, which account it goes on with,
/// and what that person allowed the client before.
struct VisitRecord: Sendable {
    let accounts: [LiveSession]
    let selection: AccountSelection
    let remembered: Consent?
    let organization: OrganizationSelection
}

extension TenantRecords {
    /// Reads what is known of a visit by these accounts.
    func record(of visit: Visit, by accounts: [LiveSession]) throws -> VisitRecord {
        let selection = AccountSelection(of: accounts, for: visit.interaction)
        let organization = try self.selection(for: visit, by: selection.account?.user.id)
        var remembered: Consent?
        if visit.mayAskConsent, let user = selection.account?.user {
            remembered = try consents.find(
                of: user.id, to: visit.client.id, in: organization.selected)
        }
        return VisitRecord(
            accounts: accounts, selection: selection, remembered: remembered,
            organization: organization)
    }
}

/// What a visit has come to: what is left to ask, and what comes next.
struct Assessment: Sendable {
    let question: ConsentQuestion?
    let step: SignInStep

    /// Assesses a visit by what is known of it.
    init(_ visit: Visit, _ record: VisitRecord, registry: Registry, at now: Timestamp) async throws
    {
        let question =
            record.selection.account == nil
            ? nil : try await Self.question(visit, record.remembered, registry, at: now)
        self.question = question
        let interaction = visit.interaction
        step =
            SignInState(
                request: interaction.request, requestedAt: interaction.createdAt,
                session: record.selection.account?.session,
                expectedUser: interaction.expectedUser, accountChosenAt: record.selection.chosenAt,
                needsOrganization: record.organization.isOpen,
                // Nobody is asked what they allow a client that gets nothing.
                needsConsent: question != nil && !record.organization.isRefused,
                longestSession: record.organization.sessionLength
            ).nextStep
    }

    private static func question(
        _ visit: Visit, _ remembered: Consent?, _ registry: Registry, at now: Timestamp
    ) async throws -> ConsentQuestion? {
        guard visit.mayAskConsent else { return nil }
        let resources = try await registry.resources(of: visit.tenant.id, at: now)
        let request = visit.interaction.request
        do throws(OAuthError) {
            let audience = try resources.audience(request.resources, by: visit.client)
            return ConsentQuestion(
                request, of: visit.client, answeredAt: visit.interaction.target.redirectURI,
                parts: resources.parts(of: request.scope, for: audience), remembered: remembered)
        } catch {
            // The client is told so at once, instead of a person's answer.
            return nil
        }
    }
}

extension Visit {
    /// True if a person may have to be asked what they allow the client.
    ///
    /// Whoever lets in a device is asked on a page of its own, each time, and whoever signs in to see
    /// a page of theirs allows nobody anything.
    var mayAskConsent: Bool {
        interaction.device == nil && interaction.page == nil
            && client.mayAskConsent(by: interaction.request)
    }

    /// The same visit once the person said which organization it is for.
    func choosing(_ organization: Organization.ID) -> Visit {
        Visit(
            tenant: tenant, client: client, interaction: interaction.choosing(organization),
            browser: browser)
    }

    /// The same visit once the person said with which session it goes on.
    func choosing(_ session: Session.ID, at now: Timestamp) -> Visit {
        Visit(
            tenant: tenant, client: client,
            interaction: interaction.choosing(session, at: now), browser: browser)
    }
}
