/// How clients may make themselves known to a tenant.
package struct RegistrationSupport: Sendable, Hashable {
    /// True if they may register over HTTP (RFC 7591).
    package let takesRegistrations: Bool
    /// True if the address of a document may name them (draft-ietf-oauth-client-id-metadata-document).
    package let takesMetadataDocuments: Bool

    package init(takesRegistrations: Bool, takesMetadataDocuments: Bool) {
        self.takesRegistrations = takesRegistrations
        self.takesMetadataDocuments = takesMetadataDocuments
    }
}
