import GatehouseCore
import GatehouseEncoding

/// A tenant as it is, as far as somebody wants to know.
struct FoundTenant: Sendable {
    let slug: String
    /// Nil if there is no such tenant.
    var shown: JSONObject?
    var things: [FoundThing] = []
    var marks: [FoundMark] = []
    var names = ConfigurationNames()

    /// What is found of a thing that a document names.
    func thing(_ noun: ConfigurationNoun.Name, _ name: String, of owner: String?) -> FoundThing? {
        things.first { $0.noun.name == noun && $0.name == name && $0.owner == owner }
    }

    func mark(of thing: FoundThing) -> FoundMark? {
        marks.first { $0.kind == thing.noun.mark && $0.id == thing.id }
    }
}

/// A thing of a tenant as it is.
struct FoundThing: Sendable {
    let noun: ConfigurationNoun
    /// What the document calls it.
    let name: String
    /// The slug of the organization that it belongs to.
    var owner: String?
    let shown: JSONObject
    /// What a client may exchange; nil if nobody asked.
    var exchanges: [JSONObject]?

    /// Its id; empty if it has none.
    var id: String { shown[noun.name == .client ? "client_id" : "id"]?.string ?? "" }
}

/// That a configuration manages something.
struct FoundMark: Sendable, Hashable {
    let kind: ConfigurationMark.Kind
    let id: String
    let manager: String
    let name: String

    init?(_ shown: JSONValue) {
        guard let kind = shown["kind"]?.string.flatMap(ConfigurationMark.Kind.init(rawValue:)),
            let id = shown["id"]?.string, let manager = shown["managed_by"]?.string,
            let name = shown["managed_as"]?.string
        else { return nil }
        self.kind = kind
        self.id = id
        self.manager = manager
        self.name = name
    }
}
