import ArgumentParser
import GatehouseEncoding

/// The flags that say where people read more about a client.
struct AboutOptions: ParsableArguments {
    @Option(
        name: .customLong("policy-uri"),
        help: "The https address of its privacy policy, linked from pages. An empty one: none.")
    var policyURI: String?
    @Option(
        name: .customLong("tos-uri"),
        help: "The https address of its terms of service, linked from pages. An empty one: none.")
    var termsURI: String?

    var arguments: [(String, JSONValue?)] {
        [
            ("policy_uri", policyURI.map { .string($0) }),
            ("tos_uri", termsURI.map { .string($0) }),
        ]
    }
}
