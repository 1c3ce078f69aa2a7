package import GatehouseCore
package import GatehouseEncoding

/// One thing that a command asks for: its name and its arguments, as JSON, so that it can be done
/// in this process or by the server that has the data directory.
package struct Operation: Sendable {
    let name: Name
    let arguments: JSONObject
    /// What a thing must be like for it to be changed; nil if that does not matter.
    let expected: Revision?
    /// The configuration that asks for it; nil if it is somebody else.
    let manager: Slug?

    package enum Name: String, Sendable, CaseIterable {
        case createTenant = "tenant.create"
        case listTenants = "tenant.list"
        case showTenant = "tenant.show"
        case updateTenant = "tenant.update"
        case deleteTenant = "tenant.delete"
        case addDomain = "domain.add"
        case listDomains = "domain.list"
        case verifyDomain = "domain.verify"
        case removeDomain = "domain.remove"
        case listLimits = "tenant.limit.list"
        case changeLimit = "tenant.limit.change"
        case showBranding = "tenant.branding.show"
        case updateBranding = "tenant.branding.update"
        case setTenantLogos = "tenant.logo.set"
        case removeTenantLogos = "tenant.logo.remove"
        case createUser = "user.create"
        case listUsers = "user.list"
        case showUser = "user.show"
        case updateUser = "user.update"
        case deleteUser = "user.delete"
        case listSessions = "session.list"
        case endSession = "session.end"
        case endAllSessions = "session.end_all"
        case createClient = "client.create"
        case listClients = "client.list"
        case showClient = "client.show"
        case updateClient = "client.update"
        case deleteClient = "client.delete"
        case addSecret = "client.secret.add"
        case removeSecret = "client.secret.remove"
        case setLogos = "client.logo.set"
        case removeLogos = "client.logo.remove"
        case listRefusedRequests = "refused_request.list"
        case showRefusedRequest = "refused_request.show"
        case integrateClient = "client.integration"
        case checkClient = "client.check"
        case checkRedirectURI = "redirect_uri.check"
        case checkInstallation = "installation.check"
        case previewClient = "client.preview"
        case createResource = "resource.create"
        case listResources = "resource.list"
        case showResource = "resource.show"
        case updateResource = "resource.update"
        case deleteResource = "resource.delete"
        case showRegistration = "registration.show"
        case updateRegistration = "registration.update"
        case createInitialAccessToken = "registration.token.create"
        case listInitialAccessTokens = "registration.token.list"
        case deleteInitialAccessToken = "registration.token.delete"
        case listKeys = "key.list"
        case showKey = "key.show"
        case createKey = "key.create"
        case rotateKey = "key.rotate"
        case deleteKey = "key.delete"
        case listConsents = "consent.list"
        case revokeConsent = "consent.revoke"
        case issueAdminLink = "admin.link"
        case showAdministrator = "admin.show"
        case setAdministrator = "admin.person.set"
        case listAdministrators = "admin.person.list"
        case linkAdministrator = "admin.person.link"
        case removeAdministrator = "admin.person.remove"
        case createAdministratorKey = "admin.key.create"
        case listAdministratorKeys = "admin.key.list"
        case revokeAdministratorKey = "admin.key.revoke"
        case createTenantAdministratorKey = "tenant.admin_key.create"
        case listTenantAdministratorKeys = "tenant.admin_key.list"
        case revokeTenantAdministratorKey = "tenant.admin_key.revoke"
        case keep = "instance.keep"
        case createExchange = "client.exchange.allow"
        case listExchanges = "client.exchange.list"
        case deleteExchange = "client.exchange.forbid"
        case createTrustedIssuer = "trusted_issuer.create"
        case listTrustedIssuers = "trusted_issuer.list"
        case showTrustedIssuer = "trusted_issuer.show"
        case updateTrustedIssuer = "trusted_issuer.update"
        case deleteTrustedIssuer = "trusted_issuer.delete"
        case linkSubject = "trusted_issuer.link"
        case unlinkSubject = "trusted_issuer.unlink"
        case listBackchannel = "backchannel.list"
        case allowBackchannel = "backchannel.allow"
        case denyBackchannel = "backchannel.deny"
        case createOrganization = "organization.create"
        case listOrganizations = "organization.list"
        case showOrganization = "organization.show"
        case updateOrganization = "organization.update"
        case suspendOrganization = "organization.suspend"
        case activateOrganization = "organization.activate"
        case deleteOrganization = "organization.delete"
        case restoreOrganization = "organization.restore"
        case addOrganizationDomain = "organization.domain.add"
        case verifyOrganizationDomain = "organization.domain.verify"
        case updateOrganizationDomain = "organization.domain.update"
        case listOrganizationDomains = "organization.domain.list"
        case removeOrganizationDomain = "organization.domain.remove"
        case setOrganizationLogos = "organization.logo.set"
        case removeOrganizationLogos = "organization.logo.remove"
        case createRole = "organization.role.create"
        case listRoles = "organization.role.list"
        case updateRole = "organization.role.update"
        case deleteRole = "organization.role.delete"
        case addMember = "organization.member.add"
        case listMembers = "organization.member.list"
        case updateMember = "organization.member.update"
        case suspendMember = "organization.member.suspend"
        case activateMember = "organization.member.activate"
        case removeMember = "organization.member.remove"
        case createAPIKey = "api_key.create"
        case listAPIKeys = "api_key.list"
        case revokeAPIKey = "api_key.revoke"
        case createGroup = "organization.group.create"
        case listGroups = "organization.group.list"
        case updateGroup = "organization.group.update"
        case deleteGroup = "organization.group.delete"
        case addToGroup = "organization.group.add"
        case removeFromGroup = "organization.group.remove"
        case invite = "organization.invitation.create"
        case listInvitations = "organization.invitation.list"
        case resendInvitation = "organization.invitation.resend"
        case revokeInvitation = "organization.invitation.revoke"
        case listEvents = "audit.list"
        case showAuditKey = "audit.key"
        case showCheckpoint = "audit.checkpoint"
        case beginExport = "audit.export.begin"
        case pageOfExport = "audit.export.page"
        case endExport = "audit.export.end"
        case showUsage = "client.usage"
        case listMarks = "configuration.mark.list"
        case setMark = "configuration.mark.set"
        case removeMark = "configuration.mark.remove"
    }

    package init(
        _ name: Name, _ arguments: [(String, JSONValue?)], expecting expected: Revision? = nil,
        for manager: Slug? = nil
    ) {
        self.name = name
        self.manager = manager
        self.expected = expected
        var object = JSONObject()
        for (name, value) in arguments {
            if let value { object.add(name, value) }
        }
        self.arguments = object
    }

    package init(parsing bytes: [UInt8]) throws {
        let object = try JSONObject(parsing: bytes)
        guard let name = object["operation"]?.string.flatMap(Name.init(rawValue:)),
            let arguments = object["arguments"]?.object
        else { throw OperationError(.wrongUse, "The operation is unknown.") }
        self.name = name
        self.arguments = arguments
        expected = object["expected"]?.string.map(Revision.init(text:))
        manager = object["manager"]?.string.flatMap(Slug.init(parsing:))
    }

    package var serialized: [UInt8] {
        JSONWriter.object { json in
            json.add("operation", name.rawValue)
            json.add("arguments", .object(arguments))
            if let expected { json.add("expected", expected.text) }
            if let manager { json.add("manager", manager.text) }
        }
    }

    // MARK: Arguments

    func text(_ name: String) -> String? { arguments[name]?.string }

    func require(_ name: String) throws(OperationError) -> String {
        guard let text = text(name) else {
            throw OperationError(.wrongUse, "\(name) is missing.", about: name)
        }
        return text
    }

    /// A value parsed by its own rules; nil if the argument is not there.
    func value<Value>(
        _ name: String, _ complaint: String, _ parse: (String) -> Value?
    ) throws(OperationError) -> Value? {
        guard let text = text(name) else { return nil }
        guard let value = parse(text) else {
            throw OperationError(.wrongUse, complaint, about: name)
        }
        return value
    }
}

extension Operation {
    /// What came of an operation, and what whoever asked for it should know besides.
    package struct Answer: Sendable {
        package let result: JSONValue
        package let warnings: [String]

        package init(result: JSONValue, warnings: [String]) {
            self.result = result
            self.warnings = warnings
        }
    }

    /// What an operation works with.
    package struct Setting: Sendable {
        let gatehouse: Gatehouse
        let addresses: InstanceAddresses
        let facts: InstallationFacts
        let occasion: Occasion
        /// Whoever asks; nil for whoever has the machine's shell.
        let administrator: Administrator?
        /// What a thing must be like for it to be changed; nil if that does not matter.
        private(set) var expected: Set<Revision>?
        /// Copies the whole state to a directory; nil where that cannot be done.
        let keep: (@Sendable (String) async throws -> Void)?
        package let warnings = Warnings()

        package init(
            gatehouse: Gatehouse, addresses: InstanceAddresses, facts: InstallationFacts,
            occasion: Occasion, keep: (@Sendable (String) async throws -> Void)?
        ) {
            self.init(
                gatehouse: gatehouse, addresses: addresses, facts: facts, occasion: occasion,
                administrator: nil, expected: nil, keep: keep)
        }

        init(
            gatehouse: Gatehouse, addresses: InstanceAddresses, facts: InstallationFacts,
            occasion: Occasion, administrator: Administrator?, expected: Set<Revision>?,
            keep: (@Sendable (String) async throws -> Void)? = nil
        ) {
            self.administrator = administrator
            self.expected = expected
            self.gatehouse = gatehouse
            self.addresses = addresses
            self.facts = facts
            self.occasion = occasion
            self.keep = keep
        }

        /// The same for an operation that says itself what it expects.
        func expecting(_ revision: Revision?) -> Setting {
            var setting = self
            if let revision { setting.expected = [revision] }
            return setting
        }
    }

    /// Does it.
    package func perform(in given: Setting) async throws -> JSONValue {
        let setting = given.expecting(expected)
        let result = try await performAlone(in: setting)
        await warnOfManager(of: result, in: setting)
        return result
    }

    private func performAlone(in setting: Setting) async throws -> JSONValue {
        switch name {
        case .createTenant, .listTenants, .showTenant, .updateTenant, .deleteTenant:
            return try await TenantOperations(operation: self, setting: setting).perform()
        case .addDomain, .listDomains, .verifyDomain, .removeDomain:
            return try await DomainOperations(operation: self, setting: setting).perform()
        case .listLimits, .changeLimit:
            return try await LimitOperations(operation: self, setting: setting).perform()
        case .showBranding, .updateBranding, .setTenantLogos, .removeTenantLogos:
            return try await BrandingOperations(operation: self, setting: setting).perform()
        case .createUser, .listUsers, .showUser, .updateUser, .deleteUser:
            return try await UserOperations(operation: self, setting: setting).perform()
        case .listSessions, .endSession, .endAllSessions:
            return try await SessionOperations(operation: self, setting: setting).perform()
        case .createClient, .listClients, .showClient, .updateClient, .deleteClient, .addSecret,
            .removeSecret, .setLogos, .removeLogos, .showUsage:
            return try await ClientOperations(operation: self, setting: setting).perform()
        case .createResource, .listResources, .showResource, .updateResource, .deleteResource:
            return try await ResourceOperations(operation: self, setting: setting).perform()
        case .showRegistration, .updateRegistration, .createInitialAccessToken,
            .listInitialAccessTokens, .deleteInitialAccessToken:
            return try await RegistrationOperations(operation: self, setting: setting).perform()
        case .listKeys, .showKey, .createKey, .rotateKey, .deleteKey:
            return try await KeyOperations(operation: self, setting: setting).perform()
        case .createExchange, .listExchanges, .deleteExchange:
            return try await ExchangeOperations(operation: self, setting: setting).perform()
        case .createTrustedIssuer, .listTrustedIssuers, .showTrustedIssuer, .updateTrustedIssuer,
            .deleteTrustedIssuer, .linkSubject, .unlinkSubject:
            return try await TrustedIssuerOperations(operation: self, setting: setting).perform()
        case .listBackchannel, .allowBackchannel, .denyBackchannel:
            return try await BackchannelOperations(operation: self, setting: setting).perform()
        case .listConsents, .revokeConsent:
            return try await ConsentOperations(operation: self, setting: setting).perform()
        case .createAPIKey, .listAPIKeys, .revokeAPIKey:
            return try await APIKeyOperations(operation: self, setting: setting).perform()
        default:
            return try await performOnOrganization(in: setting)
        }
    }

    /// Does what is about who administers, what was done, and the installation as a whole.
    private func performOnAdministration(in setting: Setting) async throws -> JSONValue {
        switch name {
        case .issueAdminLink: try await issueAdminLink(in: setting)
        case .setAdministrator, .listAdministrators, .linkAdministrator, .removeAdministrator:
            try await PersonOperations(operation: self, setting: setting).perform()
        case .keep: try await keepState(in: setting)
        case .listEvents, .showAuditKey, .showCheckpoint, .beginExport, .pageOfExport,
            .endExport:
            try await AuditOperations(operation: self, setting: setting).perform()
        case .listMarks, .setMark, .removeMark:
            try await ConfigurationMarkOperations(operation: self, setting: setting).perform()
        default:
            try await AdministratorOperations(operation: self, setting: setting).perform()
        }
    }

    /// Does what is about an organization, its roles, groups and members, or who is to be one.
    private func performOnOrganization(in setting: Setting) async throws -> JSONValue {
        switch name {
        case .createRole, .listRoles, .updateRole, .deleteRole:
            try await RoleOperations(operation: self, setting: setting).perform()
        case .addMember, .listMembers, .updateMember, .suspendMember, .activateMember,
            .removeMember:
            try await MemberOperations(operation: self, setting: setting).perform()
        case .createGroup, .listGroups, .updateGroup, .deleteGroup, .addToGroup,
            .removeFromGroup:
            try await GroupOperations(operation: self, setting: setting).perform()
        case .invite, .listInvitations, .resendInvitation, .revokeInvitation:
            try await InvitationOperations(operation: self, setting: setting).perform()
        case .addOrganizationDomain, .verifyOrganizationDomain, .updateOrganizationDomain,
            .listOrganizationDomains, .removeOrganizationDomain:
            try await OrganizationDomainOperations(operation: self, setting: setting).perform()
        case .createOrganization, .listOrganizations, .showOrganization, .updateOrganization,
            .suspendOrganization, .activateOrganization, .deleteOrganization,
            .restoreOrganization, .setOrganizationLogos, .removeOrganizationLogos:
            try await OrganizationOperations(operation: self, setting: setting).perform()
        default:
            try await performForDevelopers(in: setting)
        }
    }

    /// Does what tells whoever writes an app how to, and what is the matter with it.
    private func performForDevelopers(in setting: Setting) async throws -> JSONValue {
        switch name {
        case .integrateClient:
            try await IntegrationOperations(operation: self, setting: setting).perform()
        case .checkClient, .checkRedirectURI, .checkInstallation:
            try await CheckOperations(operation: self, setting: setting).perform()
        case .previewClient:
            try await PreviewOperations(operation: self, setting: setting).perform()
        case .listRefusedRequests, .showRefusedRequest:
            try await RefusedRequestOperations(operation: self, setting: setting).perform()
        default:
            try await performOnAdministration(in: setting)
        }
    }

    /// The tenant that the operation is about.
    func tenant(in setting: Setting) async throws -> Tenant {
        let text = try require("tenant")
        guard let slug = Slug(parsing: text),
            let tenant = try await setting.gatehouse.tenants.find(slug)
        else { throw OperationError(.notFound, "There is no tenant “\(text)”.") }
        return tenant
    }

    /// The client of a tenant that a text names by its id: the argument `client`, unless another one
    /// is meant.
    func client(
        _ named: String? = nil, of tenant: Tenant, in setting: Setting
    ) async throws -> Client {
        let text = try named ?? require("client")
        guard let id = Client.ID(parsing: text),
            let client = try await setting.gatehouse.clients.find(id, in: tenant.id)
        else {
            throw OperationError(
                .notFound, "There is no client “\(text)” in “\(tenant.slug.text)”.")
        }
        return client
    }
}
