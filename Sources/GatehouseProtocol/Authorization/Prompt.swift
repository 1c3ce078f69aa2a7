/// What the client wants the person to be asked (OpenID Connect Core §3.1.2.1).
public struct Prompt: OptionSet, Sendable, Hashable {
    /// The value itself.
    public let rawValue: UInt8

    /// Makes a set of its bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Show nothing: answer at once, or refuse.
    public static let none = Prompt(rawValue: 1)
    /// Ask for credentials, whoever is signed in.
    public static let login = Prompt(rawValue: 2)
    /// Ask for consent, whatever was allowed before.
    public static let consent = Prompt(rawValue: 4)
    /// Let the person choose an account.
    public static let selectAccount = Prompt(rawValue: 8)
    /// Begin with creating an account (OpenID Initiating User Registration 1.0).
    public static let create = Prompt(rawValue: 16)

    /// The values in the order in which metadata lists them.
    static let named: [(name: String, value: Prompt)] = [
        ("none", .none), ("login", .login), ("consent", .consent),
        ("select_account", .selectAccount), ("create", .create),
    ]

    /// The values that metadata lists.
    static var offered: [String] { named.map(\.name) }

    /// Parses the space-delimited, case-sensitive list; `none` stands alone.
    public init(parsing text: String) throws(OAuthError) {
        var prompt: Prompt = []
        for part in text.utf8.split(separator: UInt8(ascii: " ")) {
            guard let named = Self.named.first(where: { part.elementsEqual($0.name.utf8) }) else {
                throw OAuthError(.invalidRequest, "The prompt holds an unknown value.")
            }
            prompt.formUnion(named.value)
        }
        guard !prompt.contains(.none) || prompt == .none else {
            throw OAuthError(.invalidRequest, "The prompt none cannot be combined with another.")
        }
        self = prompt
    }

    /// The list as it is sent.
    package var text: String {
        Self.named.filter { contains($0.value) }.map(\.name).joined(separator: " ")
    }
}
