import ArgumentParser
import GatehouseEncoding

/// The flags that say what a client promises, what is signed, and by which name it knows people.
struct ProfileOptions: ParsableArguments {
    @Option(
        help: """
            What the client promises, which sets what it asks for and holds the client to it: \
            standard, legacy, fapi2 or fapi2-message-signing. Default: standard.
            """)
    var profile: String?
    @Flag(
        inversion: .prefixedNo,
        help: "Whether authorization requests have to be signed (RFC 9101).")
    var requireSignedRequestObject: Bool?
    @Option(
        help: "How request objects are signed: RS256, PS256, ES256, EdDSA, or any of them.")
    var requestObjectAlgorithm: String?
    @Option(
        help: "How userinfo is signed: RS256, PS256, ES256, EdDSA, or none for plain JSON.")
    var userinfoAlgorithm: String?
    @Option(
        help: """
            By which name the client knows people: public, or pairwise for one that no other \
            sector knows. Never changed later. Default: public.
            """)
    var subjectType: String?
    @Option(
        name: .customLong("sector-identifier-uri"),
        help: """
            The https address of a list of redirect URIs that belong together; its host is the \
            sector. Default: the host of the redirect URIs.
            """)
    var sectorIdentifierURI: String?

    var arguments: [(String, JSONValue?)] {
        [
            ("profile", profile.map { .string($0) }),
            ("require_signed_request_object", requireSignedRequestObject.map { .bool($0) }),
            ("request_object_algorithm", requestObjectAlgorithm.map { .string($0) }),
            ("userinfo_algorithm", userinfoAlgorithm.map { .string($0) }),
            ("subject_type", subjectType.map { .string($0) }),
            ("sector_identifier_uri", sectorIdentifierURI.map { .string($0) }),
        ]
    }
}
