package import GatehouseEncoding
import GatehouseSQL

/// A group of people within a tenant: a customer, a team, a company.
///
/// Whoever is in it has rights that count there and nowhere else.
package struct Organization: Sendable, Identified {
    package typealias ID = Identifier<Organization>
    package static let identifierPrefix = "org"

    /// Never given to another organization, whatever that is called.
    package let id: ID
    /// What addresses and requests call it.
    package var slug: Slug
    /// What people see.
    package var name: DisplayName
    package var metadata: OrganizationMetadata
    /// The name under which an operator found it to be who it says; nil if nobody has looked.
    package private(set) var publisherName: DisplayName?
    /// How long a sign-in counts at most, for those who sign in through it or select it; nil if that
    /// is left to the tenant.
    package var sessionLength: Lifetime?
    /// The logos that are kept for it.
    package internal(set) var logos: Logos?
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    /// Why and since when nobody acts in it; nil if they do.
    package var suspension: Suspension?
    /// When it is removed for good; nil unless it was deleted.
    package var removedAt: Timestamp?

    /// Whether people act in it.
    package enum State: String, Sendable {
        case active
        case suspended
        /// It was deleted, and may be restored until its time is over.
        case deleting
    }

    package init(
        slug: Slug, name: DisplayName, metadata: OrganizationMetadata = .none, at now: Timestamp
    ) {
        id = ID(at: now)
        self.slug = slug
        self.name = name
        self.metadata = metadata
        publisherName = nil
        sessionLength = nil
        logos = nil
        createdAt = now
        updatedAt = now
        suspension = nil
        removedAt = nil
    }

    package var state: State {
        if removedAt != nil { return .deleting }
        return suspension == nil ? .active : .suspended
    }

    /// The shortest and the longest time that it may have sign-ins count: no longer than any does.
    package static let sessionLengths = Lifetime.minutes(5)...Session.lifetime

    /// True if an operator found it to be who its name says.
    ///
    /// Under another name nobody has looked yet.
    package var isVerifiedPublisher: Bool { publisherName == name }

    /// Records whether an operator found it to be who its name says.
    package mutating func verifyPublisher(_ isVerified: Bool) {
        publisherName = isVerified ? name : nil
    }

    init(_ row: Row) throws {
        guard let name = DisplayName(parsing: try row.text("name")) else {
            throw DatabaseError.unexpectedColumn("organization.name")
        }
        id = ID(stored: try row.text("id"))
        slug = Slug(stored: try row.text("slug"))
        self.name = name
        metadata = try OrganizationMetadata(stored: try row.text("metadata"))
        publisherName = try row.optionalText("publisher_name")
            .flatMap(DisplayName.init(parsing:))
        sessionLength = try row.optionalInteger("session_length").map(Lifetime.seconds)
        logos = try row.optionalText("logos").map(Logos.init(stored:))
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        updatedAt = Timestamp(milliseconds: try row.integer("updated_at"))
        suspension = try Suspension(row)
        removedAt = try row.optionalInteger("removed_at").map(Timestamp.init(milliseconds:))
    }
}

/// Why and since when nobody acts in an organization.
package struct Suspension: Sendable, Hashable {
    package let since: Timestamp
    package let reason: String?
    /// Who wanted it so, in the words of whoever did it.
    package let actor: String?

    /// The most characters of a reason, and of the name of an actor.
    package static let mostOfReason = 1_000
    package static let mostOfActor = 200

    /// Nil if one of the texts is longer, empty, or has a control character in it.
    package init?(reason: String?, actor: String?, at now: Timestamp) {
        guard Self.isAllowed(reason, Self.mostOfReason), Self.isAllowed(actor, Self.mostOfActor)
        else { return nil }
        since = now
        self.reason = reason
        self.actor = actor
    }

    fileprivate init?(_ row: Row) throws {
        guard let since = try row.optionalInteger("suspended_at") else { return nil }
        self.since = Timestamp(milliseconds: since)
        reason = try row.optionalText("suspension_reason")
        actor = try row.optionalText("suspended_by")
    }

    private static func isAllowed(_ text: String?, _ most: Int) -> Bool {
        guard let scalars = text?.unicodeScalars else { return true }
        return !scalars.isEmpty && scalars.count <= most
            && scalars.allSatisfy { $0.properties.generalCategory != .control }
    }
}

/// What an operator keeps with an organization: a JSON object that means nothing here.
package struct OrganizationMetadata: Sendable, Equatable {
    package let json: JSONObject

    /// Nothing is kept.
    package static let none = OrganizationMetadata(json: JSONObject())

    /// The most bytes that it may have.
    package static let limit = 4_096

    private init(json: JSONObject) {
        self.json = json
    }

    /// Nil if it is no object, or too long.
    package init?(parsing text: String) {
        // Why it is none is not told apart: what it must be is said.
        guard text.utf8.count <= Self.limit, let json = try? JSONObject(parsing: Array(text.utf8)),
            !text.utf8.contains(0)
        else { return nil }
        self.json = json
    }

    init(stored text: String) throws {
        json = try JSONObject(parsing: Array(text.utf8))
    }

    var stored: String { String(decoding: json.serialized(), as: UTF8.self) }
}
