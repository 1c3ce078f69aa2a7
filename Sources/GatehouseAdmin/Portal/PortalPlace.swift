import GatehouseCore
import GatehouseProtocol
import GatehouseWeb

/// A path of the portal whose names are known.
struct PortalPlace: Sendable {
    let base: BaseURL
    /// What the names in braces stand for.
    let values: [(name: String, value: String)]

    /// The tenant that the page is about; nil if it is about the installation.
    var tenant: String? { self["tenant"] }

    subscript(name: String) -> String? { values.first { $0.name == name }?.value }

    /// The same with one name more.
    func naming(_ name: String, _ value: String) -> PortalPlace {
        PortalPlace(base: base, values: values.filter { $0.name != name } + [(name, value)])
    }

    /// The address of a page here; nil if a name in its path is not known here.
    func link(_ screen: PortalScreen, _ query: [(String, String)] = []) -> Link? {
        link(screen.path, query)
    }

    func link(_ template: String, _ query: [(String, String)] = []) -> Link? {
        var path = base.path + "/admin"
        for part in template.split(separator: "/") {
            if part.hasPrefix("{") {
                guard let value = self[String(part.dropFirst().dropLast())], !value.isEmpty else {
                    return nil
                }
                path += "/" + value.queryEncoded
            } else {
                path += "/" + part
            }
        }
        let query = FormParameters(query).encoded
        return Link(path: query.isEmpty ? path : path + "?" + query)
    }

    /// The page of something that an id stands for, by what the id begins with.
    func link(of id: String) -> Link? {
        guard tenant != nil, id.utf8.count < 64 else { return nil }
        switch id.prefix(while: { $0 != "_" }) {
        case "usr": return naming("user", id).link("tenants/{tenant}/users/{user}")
        case "client": return naming("client", id).link("tenants/{tenant}/clients/{client}")
        case "org":
            return naming("organization", id)
                .link("tenants/{tenant}/organizations/{organization}")
        default: return nil
        }
    }
}
