package import GatehouseSQL

/// Everything that Gatehouse can do, wired once: the use cases over one database and one key.
///
/// Surfaces take what they need from here and hold no other way to the data.
package struct Gatehouse: Sendable {
    package let database: any Database
    package let instanceKey: InstanceKey
    package let registry: Registry
    package let hasher: PasswordHasher
    package let usage: UsageRecorder
    package let refusedRequests: RefusedRequests
    /// What clients with certificates are offered; nil if there is no way to show one.
    package let mutualTLS: MutualTLS?
    private let verifiedTokens = VerifiedTokens()
    private let publishedKeys: PublishedKeys
    private let textRecords: any TextRecords
    private let outbound: any Outbound
    private let mail: (any MailRelay)?
    private let metadataDocuments: ClientDocuments
    package let logos: ManageLogos
    package let publishedLogos: PublishedLogos
    package let changeFeed: ChangeFeed
    package let sealEvents: SealEvents

    package init(
        database: any Database, instanceKey: InstanceKey, hasher: PasswordHasher,
        outbound: any Outbound, textRecords: any TextRecords, mutualTLS: MutualTLS? = nil,
        mail: (any MailRelay)? = nil
    ) {
        self.mutualTLS = mutualTLS
        self.mail = mail
        self.database = database
        self.instanceKey = instanceKey
        self.hasher = hasher
        self.textRecords = textRecords
        self.outbound = outbound
        registry = Registry(database: database, instanceKey: instanceKey)
        usage = UsageRecorder()
        refusedRequests = RefusedRequests(database: database)
        sealEvents = SealEvents(database: database, instanceKey: instanceKey)
        publishedKeys = PublishedKeys(outbound: outbound, usage: usage)
        metadataDocuments = ClientDocuments(outbound: outbound)
        logos = ManageLogos(registry: registry)
        publishedLogos = PublishedLogos(outbound: outbound, usage: usage, logos: logos)
        changeFeed = ChangeFeed(
            admission: FollowChanges(
                accessTokens: AccessTokenVerifier(
                    registry: registry, verified: verifiedTokens,
                    proofs: CheckDPoPProof(nonces: DPoPNonces(instanceKey: instanceKey)))))
    }

    // MARK: For clients

    package var clientAuthenticator: ClientAuthenticator {
        ClientAuthenticator(
            registry: registry, usage: usage, publishedKeys: publishedKeys, clients: findClient,
            authorities: mutualTLS?.authorities)
    }
    package var authenticateClient: AuthenticateClient {
        AuthenticateClient(authenticator: clientAuthenticator, failures: failureLimits)
    }
    package var failureLimits: FailureLimits {
        FailureLimits(database: database, instanceKey: instanceKey)
    }
    package var allowedOrigins: AllowedOrigins { AllowedOrigins(registry: registry) }
    package var authorizationCodeGrant: AuthorizationCodeGrant {
        AuthorizationCodeGrant(
            database: database, issuer: tokenIssuer, failures: failureLimits)
    }
    package var refreshTokenGrant: RefreshTokenGrant {
        RefreshTokenGrant(
            database: database, issuer: tokenIssuer, instanceKey: instanceKey,
            failures: failureLimits, usage: usage)
    }
    package var deviceCodeGrant: DeviceCodeGrant {
        DeviceCodeGrant(
            database: database, issuer: tokenIssuer, failures: failureLimits, usage: usage)
    }
    package var beginDeviceAuthorization: BeginDeviceAuthorization {
        BeginDeviceAuthorization(registry: registry, instanceKey: instanceKey)
    }
    package var clientCredentialsGrant: ClientCredentialsGrant {
        ClientCredentialsGrant(database: database, issuer: tokenIssuer, usage: usage)
    }
    package var tokenExchangeGrant: TokenExchangeGrant {
        TokenExchangeGrant(
            database: database, issuer: tokenIssuer, accessTokens: accessTokenVerifier,
            failures: failureLimits)
    }
    package var jwtBearerGrant: JWTBearerGrant {
        JWTBearerGrant(
            database: database, issuer: tokenIssuer, publishedKeys: publishedKeys,
            failures: failureLimits)
    }
    package var cibaGrant: CIBAGrant {
        CIBAGrant(
            database: database, issuer: tokenIssuer, failures: failureLimits, usage: usage)
    }
    package var beginBackchannelAuthentication: BeginBackchannelAuthentication {
        BeginBackchannelAuthentication(
            database: database, registry: registry, instanceKey: instanceKey,
            failures: failureLimits)
    }
    package var approveByToken: ApproveByToken {
        ApproveByToken(database: database, accessTokens: accessTokenVerifier)
    }
    package var accessTokenVerifier: AccessTokenVerifier {
        AccessTokenVerifier(registry: registry, verified: verifiedTokens, proofs: checkDPoPProof)
    }
    package var checkDPoPProof: CheckDPoPProof {
        CheckDPoPProof(nonces: DPoPNonces(instanceKey: instanceKey))
    }
    package var checkPossession: CheckPossession { CheckPossession(proofs: checkDPoPProof) }
    package var revokeToken: RevokeToken {
        RevokeToken(database: database, accessTokens: accessTokenVerifier)
    }
    package var introspectToken: IntrospectToken {
        IntrospectToken(
            registry: registry, accessTokens: accessTokenVerifier, usage: usage)
    }
    package var pushAuthorizationRequest: PushAuthorizationRequest {
        PushAuthorizationRequest(
            database: database, registry: registry, publishedKeys: publishedKeys)
    }
    package var registerClient: RegisterClient {
        RegisterClient(
            registry: registry, instanceKey: instanceKey, failures: failureLimits,
            checkRegistration: checkRegistration, publishedLogos: publishedLogos)
    }
    package var manageRegistration: ManageRegistration {
        ManageRegistration(
            registry: registry, failures: failureLimits, checkRegistration: checkRegistration,
            publishedLogos: publishedLogos)
    }
    private var checkRegistration: CheckRegistration {
        CheckRegistration(
            database: database, instanceKey: instanceKey,
            checkClient: CheckClient(outbound: outbound), mutualTLS: mutualTLS?.support)
    }
    private var findClient: FindClient {
        FindClient(
            registry: registry, documents: metadataDocuments, usage: usage,
            instanceKey: instanceKey, checkClient: CheckClient(outbound: outbound),
            mutualTLS: mutualTLS?.support)
    }
    package var tellClients: TellClients {
        TellClients(
            database: database, registry: registry, instanceKey: instanceKey,
            outbound: outbound)
    }
    private var tokenIssuer: TokenIssuer { TokenIssuer(registry: registry) }

    // MARK: For people

    package var authorize: Authorize {
        Authorize(
            database: database, registry: registry, publishedKeys: publishedKeys,
            clients: findClient, refused: refusedRequests, usage: usage)
    }
    package var signIn: SignIn {
        SignIn(
            database: database, registry: registry, hasher: hasher, instanceKey: instanceKey,
            usage: usage)
    }
    package var enterUserCode: EnterUserCode {
        EnterUserCode(database: database, instanceKey: instanceKey)
    }
    package var decideDeviceAuthorization: DecideDeviceAuthorization {
        DecideDeviceAuthorization(database: database)
    }
    package var decideBackchannelAuthentication: DecideBackchannelAuthentication {
        DecideBackchannelAuthentication(database: database)
    }
    package var answerInvitation: AnswerInvitation {
        AnswerInvitation(database: database, people: signIn)
    }
    /// Nil if there is no way to send mail.
    package var sendInvitations: SendInvitations? {
        mail.map { SendInvitations(database: database, relay: $0) }
    }
    package var signOut: SignOut { SignOut(database: database, registry: registry) }

    // MARK: For administrators

    /// The same, where nothing that is done stays done.
    package var rehearsal: Gatehouse {
        Gatehouse(
            database: Rehearsal(on: database), instanceKey: instanceKey, hasher: hasher,
            outbound: outbound, textRecords: textRecords, mutualTLS: mutualTLS, mail: mail)
    }
    package var administrators: AdministerAdministrators {
        AdministerAdministrators(database: database)
    }
    package var portalVisits: PortalVisits {
        PortalVisits(database: database)
    }
    package var activity: ReadActivity { ReadActivity(database: database) }
    package var administratorKeys: AdministerAdministratorKeys {
        AdministerAdministratorKeys(database: database, usage: usage)
    }
    package var answerOnce: AnswerOnce {
        AnswerOnce(database: database, instanceKey: instanceKey)
    }

    package var tenants: AdministerTenants {
        AdministerTenants(database: database, keys: keys)
    }
    package var sessions: AdministerSessions { AdministerSessions(database: database) }
    package var users: AdministerUsers { AdministerUsers(database: database, hasher: hasher) }
    package var resources: AdministerResources {
        AdministerResources(database: database, keys: keys)
    }
    package var clients: AdministerClients {
        AdministerClients(database: database, keys: keys, outbound: outbound)
    }
    package var keys: ManageKeys {
        ManageKeys(database: database, instanceKey: instanceKey, registry: registry)
    }
    package var domains: AdministerDomains {
        AdministerDomains(registry: registry, textRecords: textRecords)
    }
    package func recheckDomains(as holder: String) -> RecheckDomains {
        RecheckDomains(registry: registry, textRecords: textRecords, holder: holder)
    }
    package var exchangePolicies: AdministerExchangePolicies {
        AdministerExchangePolicies(database: database)
    }
    package var trustedIssuers: AdministerTrustedIssuers {
        AdministerTrustedIssuers(database: database)
    }
    package var apiKeys: AdministerAPIKeys { apiKeys(by: .operator) }
    package func apiKeys(by actor: OrganizationActor) -> AdministerAPIKeys {
        AdministerAPIKeys(database: database, by: actor)
    }
    package var allowedApplications: AllowedApplications {
        AllowedApplications(database: database)
    }
    package var consents: AdministerConsents { AdministerConsents(database: database) }
    package var organizations: AdministerOrganizations {
        AdministerOrganizations(registry: registry)
    }
    package var organizationRoles: AdministerOrganizationRoles {
        AdministerOrganizationRoles(database: database)
    }
    package var foreseeTokens: ForeseeTokens { ForeseeTokens(database: database) }
    package var previewTokens: PreviewTokens {
        PreviewTokens(database: database, registry: registry)
    }
    package var memberships: AdministerMemberships { memberships(by: .operator) }
    package func memberships(by actor: OrganizationActor) -> AdministerMemberships {
        AdministerMemberships(database: database, by: actor)
    }
    package var organizationGroups: AdministerOrganizationGroups {
        organizationGroups(by: .operator)
    }
    package func organizationGroups(
        by actor: OrganizationActor
    ) -> AdministerOrganizationGroups {
        AdministerOrganizationGroups(database: database, by: actor)
    }
    package var organizationDomains: AdministerOrganizationDomains {
        AdministerOrganizationDomains(database: database, textRecords: textRecords)
    }
    package var invitations: AdministerInvitations { invitations(by: .operator) }
    package func invitations(by actor: OrganizationActor) -> AdministerInvitations {
        AdministerInvitations(database: database, instanceKey: instanceKey, by: actor)
    }
    package var administeredOrganizations: AdministeredOrganizations {
        AdministeredOrganizations(database: database)
    }
    package var limits: AdministerLimits { AdministerLimits(database: database) }
    package var configurationMarks: AdministerConfigurationMarks {
        AdministerConfigurationMarks(database: database)
    }
    package var registration: AdministerRegistration {
        AdministerRegistration(database: database, registry: registry)
    }
    package var exportAudit: ExportAudit { ExportAudit(sealing: sealEvents) }
    package var searchEvents: SearchEvents { SearchEvents(database: database) }
    /// True if it can send letters.
    package var sendsMail: Bool { mail != nil }
    package var inspectInstallation: InspectInstallation {
        InspectInstallation(database: database)
    }
    package var adminLink: AdminLink { AdminLink(database: database) }
}
