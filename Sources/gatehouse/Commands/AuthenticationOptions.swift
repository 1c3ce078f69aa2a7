import ArgumentParser
import Foundation
import GatehouseEncoding

/// The flags that say how a client proves who it is.
struct AuthenticationOptions: ParsableArguments {
    @Option(
        help: """
            How the client proves who it is: secret, client_secret_basic, \
            client_secret_post, private_key_jwt, tls_client_auth, \
            self_signed_tls_client_auth, or none for a public client. Default: secret, or \
            none, by its type.
            """)
    var authentication: String?
    @Option(help: "A file with the public keys of the client, as a JSON Web Key Set.")
    var jwks: String?
    @Option(
        name: .customLong("jwks-uri"),
        help: "The https address at which the client publishes its keys.")
    var jwksURI: String?
    @Option(
        name: .customLong("tls-client-auth-subject-dn"),
        help: "The subject of its certificate, such as “CN=app,O=Example” (RFC 4514).")
    var subjectDN: String?
    @Option(
        name: .customLong("tls-client-auth-san-dns"), help: "A host that its certificate names.")
    var subjectHost: String?
    @Option(
        name: .customLong("tls-client-auth-san-uri"), help: "A URI that its certificate names.")
    var subjectURI: String?
    @Option(
        name: .customLong("tls-client-auth-san-ip"),
        help: "An IP address that its certificate names.")
    var subjectAddress: String?
    @Option(
        name: .customLong("tls-client-auth-san-email"),
        help: "An e-mail address that its certificate names.")
    var subjectEmail: String?
    @Flag(
        inversion: .prefixedNo,
        help: "Whether the client gets tokens only with a certificate, bound to it (RFC 8705).")
    var tlsClientCertificateBoundAccessTokens: Bool?

    /// What was given; the file is read here, where its path means something.
    func arguments() throws -> [(String, JSONValue?)] {
        [
            ("authentication", authentication.map { .string($0) }),
            ("jwks", try jwks.map { .string(try KeyFile.content(of: $0)) }),
            ("jwks_uri", jwksURI.map { .string($0) }),
            ("tls_client_auth_subject_dn", subjectDN.map { .string($0) }),
            ("tls_client_auth_san_dns", subjectHost.map { .string($0) }),
            ("tls_client_auth_san_uri", subjectURI.map { .string($0) }),
            ("tls_client_auth_san_ip", subjectAddress.map { .string($0) }),
            ("tls_client_auth_san_email", subjectEmail.map { .string($0) }),
            (
                "tls_client_certificate_bound_access_tokens",
                tlsClientCertificateBoundAccessTokens.map { .bool($0) }
            ),
        ]
    }
}

/// A file that a command is told to read.
enum KeyFile {
    /// What is in it; it is read where its path means something.
    static func content(of path: String) throws(CommandError) -> String {
        guard let content = FileManager.default.contents(atPath: path),
            let text = String(validating: content, as: UTF8.self)
        else { throw CommandError(.wrongUse, "The file \(path) cannot be read.") }
        return text
    }
}
