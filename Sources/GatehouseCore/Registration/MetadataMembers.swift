import GatehouseEncoding
import GatehouseProtocol

/// The members of a client's metadata by their registered names, each read as what it has to be.
///
/// `null` is like a member that is not there (RFC 7592 §2.2).
struct MetadataMembers {
    private let json: JSONObject

    init(_ json: JSONObject) {
        self.json = json
    }

    /// A member, and what is said if it is wrong.
    struct Member: Sendable {
        let name: StaticString
        let complaint: StaticString

        var refusal: OAuthError { OAuthError(.invalidClientMetadata, complaint) }
    }

    private func value(_ member: Member) -> JSONValue? {
        json[member.name.description].flatMap { $0 == .null ? nil : $0 }
    }

    func isMissing(_ member: Member) -> Bool { value(member) == nil }

    func text(_ member: Member) throws(OAuthError) -> String? {
        guard let value = value(member) else { return nil }
        guard let text = value.string else { throw member.refusal }
        return text
    }

    /// A text that is one of those that can be read.
    func choice<Value>(
        _ member: Member, _ read: (String) -> Value?
    ) throws(OAuthError) -> Value? {
        guard let text = try text(member) else { return nil }
        guard let value = read(text) else { throw member.refusal }
        return value
    }

    func texts(_ member: Member) throws(OAuthError) -> [String]? {
        guard let value = value(member) else { return nil }
        guard let texts = value.strings else { throw member.refusal }
        return texts
    }

    func flag(_ member: Member) throws(OAuthError) -> Bool? {
        guard let value = value(member) else { return nil }
        guard let flag = value.bool else { throw member.refusal }
        return flag
    }

    func object(_ member: Member) -> JSONObject? { value(member)?.object }
}

extension MetadataMembers.Member {
    static let clientName = Self(
        name: "client_name",
        complaint: "The client_name is not one line of 1 to 100 visible characters.")
    static let redirectURIs = Self(
        name: "redirect_uris", complaint: "The redirect_uris are not a list of texts.")
    static let postLogoutRedirectURIs = Self(
        name: "post_logout_redirect_uris",
        complaint: """
            The post_logout_redirect_uris are not a list of at most 20 addresses as redirect_uris \
            have to be.
            """)
    static let grantTypes = Self(
        name: "grant_types", complaint: "The grant_types are not a list of supported ones.")
    static let responseTypes = Self(
        name: "response_types", complaint: "The response_types hold another one than code.")
    static let responseModes = Self(
        name: "response_modes", complaint: "The response_modes are not a list of supported ones.")
    static let applicationType = Self(
        name: "application_type", complaint: "The application_type is neither web nor native.")
    static let authenticationMethod = Self(
        name: "token_endpoint_auth_method",
        complaint: "The token_endpoint_auth_method is not supported.")
    static let jwks = Self(
        name: "jwks",
        complaint: "The jwks are not a JSON Web Key Set with a key for a supported algorithm.")
    static let jwksURI = Self(
        name: "jwks_uri", complaint: "The jwks_uri is not an https address without a fragment.")
    static let scope = Self(
        name: "scope", complaint: "The scope holds a character that is not allowed.")
    static let idTokenAlgorithm = Self(
        name: "id_token_signed_response_alg",
        complaint: "The id_token_signed_response_alg is not supported.")
    static let authorizationAlgorithm = Self(
        name: "authorization_signed_response_alg",
        complaint: """
            The authorization_signed_response_alg is not the id_token_signed_response_alg.
            """)
    static let requirePushedRequests = Self(
        name: "require_pushed_authorization_requests",
        complaint: "The require_pushed_authorization_requests is neither true nor false.")
    static let dpopBoundAccessTokens = Self(
        name: "dpop_bound_access_tokens",
        complaint: "The dpop_bound_access_tokens is neither true nor false.")
    static let certificateBoundAccessTokens = Self(
        name: "tls_client_certificate_bound_access_tokens",
        complaint: "The tls_client_certificate_bound_access_tokens is neither true nor false.")
    /// The five ways to say what a certificate says (RFC 8705 §2.1.2).
    static let certificateNames = [
        Self(
            name: "tls_client_auth_subject_dn",
            complaint: "The tls_client_auth_subject_dn is not a distinguished name (RFC 4514)."),
        Self(
            name: "tls_client_auth_san_dns",
            complaint: "The tls_client_auth_san_dns is not a name in DNS."),
        Self(
            name: "tls_client_auth_san_uri",
            complaint: "The tls_client_auth_san_uri is not a URI."),
        Self(
            name: "tls_client_auth_san_ip",
            complaint: "The tls_client_auth_san_ip is not an address of IPv4 or IPv6."),
        Self(
            name: "tls_client_auth_san_email",
            complaint: "The tls_client_auth_san_email is not an e-mail address."),
    ]
    static let subjectType = Self(
        name: "subject_type", complaint: "The subject_type is neither public nor pairwise.")
    static let sectorIdentifierURI = Self(
        name: "sector_identifier_uri",
        complaint: "The sector_identifier_uri is not an https address without a fragment.")
    static let requestObjectAlgorithm = Self(
        name: "request_object_signing_alg",
        complaint: "The request_object_signing_alg is not supported.")
    static let requireSignedRequests = Self(
        name: "require_signed_request_object",
        complaint: "The require_signed_request_object is neither true nor false.")
    static let userInfoAlgorithm = Self(
        name: "userinfo_signed_response_alg",
        complaint: "The userinfo_signed_response_alg is not supported.")
    static let backChannelLogoutURI = Self(
        name: "backchannel_logout_uri",
        complaint: "The backchannel_logout_uri is not an https address without a fragment.")
    static let backChannelNeedsSession = Self(
        name: "backchannel_logout_session_required",
        complaint: "The backchannel_logout_session_required is neither true nor false.")
    static let frontChannelLogoutURI = Self(
        name: "frontchannel_logout_uri",
        complaint: """
            The frontchannel_logout_uri is not an https address without a fragment, iss and sid.
            """)
    static let frontChannelNeedsSession = Self(
        name: "frontchannel_logout_session_required",
        complaint: "The frontchannel_logout_session_required is neither true nor false.")
    static let authorizationDetailsTypes = Self(
        name: "authorization_details_types",
        complaint: "The authorization_details_types are not a list of types that are known here.")
    static let initiateLoginURI = Self(
        name: "initiate_login_uri",
        complaint: "The initiate_login_uri is not an https address without a fragment and iss.")
    static let tokenDeliveryMode = Self(
        name: "backchannel_token_delivery_mode",
        complaint: "The backchannel_token_delivery_mode is neither poll nor ping.")
    static let notificationEndpoint = Self(
        name: "backchannel_client_notification_endpoint",
        complaint: """
            The backchannel_client_notification_endpoint is not an https address without a fragment.
            """)
}
