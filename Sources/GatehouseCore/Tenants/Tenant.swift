package import GatehouseProtocol
import GatehouseSQL

/// One isolated world of users, clients, keys and sessions, with issuers of its own.
///
/// Nothing of one tenant is ever visible in, or valid at, another.
package struct Tenant: Sendable, Identified {
    package typealias ID = Identifier<Tenant>
    package static let identifierPrefix = "ten"

    package let id: ID
    package let slug: Slug
    /// What people see.
    package var name: String
    /// True if strangers may create accounts.
    package var registrationIsOpen: Bool
    /// True if error pages show anyone the rule that failed: for trying things out.
    package var explainsErrors: Bool
    /// The host among its addresses that it is known by; nil if that is the path.
    package var primaryHost: HostName?
    /// The origins whose pages may call its endpoints, besides those of its clients' redirect URIs.
    package var allowedOrigins: [WebOrigin]
    /// How its pages look.
    package var branding = Branding()
    /// The logos beside its name.
    package var logos: Logos?
    package let createdAt: Timestamp
    package var disabledAt: Timestamp?
    /// How clients may make themselves known.
    package var registrationPolicy = RegistrationPolicy()

    package init(
        slug: Slug, name: String, registrationIsOpen: Bool, explainsErrors: Bool,
        at now: Timestamp
    ) {
        id = ID(at: now)
        self.slug = slug
        self.name = name
        self.registrationIsOpen = registrationIsOpen
        self.explainsErrors = explainsErrors
        primaryHost = nil
        allowedOrigins = []
        createdAt = now
        disabledAt = nil
    }

    /// Makes the tenant of the installation itself.
    init(instanceNamed slug: Slug, id: ID, at now: Timestamp) {
        self.id = id
        self.slug = slug
        name = "Gatehouse"
        registrationIsOpen = false
        explainsErrors = false
        primaryHost = nil
        allowedOrigins = []
        createdAt = now
        disabledAt = nil
    }

    init(_ row: Row) throws {
        id = ID(stored: try row.text("tenant_id"))
        slug = Slug(stored: try row.text("slug"))
        name = try row.text("name")
        registrationIsOpen = try row.integer("registration_open") == 1
        explainsErrors = try row.integer("explains_errors") == 1
        primaryHost = try row.optionalText("primary_host").map(HostName.init(stored:))
        allowedOrigins =
            try row.optionalText("allowed_origins")?
            .split(separator: " ").compactMap { WebOrigin(parsing: String($0)) } ?? []
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        disabledAt = try row.optionalInteger("disabled_at").map(Timestamp.init(milliseconds:))
        registrationPolicy = try RegistrationPolicy(
            stored: try row.optionalText("registration_policy"))
        branding = try Branding(stored: try row.optionalText("branding"))
        logos = try row.optionalText("logos").map(Logos.init(stored:))
    }
}

extension Tenant {
    /// The issuer that the tenant is known by.
    package func primaryIssuer(base: BaseURL) -> Issuer {
        primaryHost.map { Issuer(base: base, host: $0) } ?? Issuer(base: base, slug: slug.text)
    }

    /// The tenant that holds the administrators of the whole installation.
    ///
    /// It has no slug that an address could name, so nothing of it is reachable as a tenant.
    package static let instance = ID(stored: "ten_00000000000000000000000000")
}
