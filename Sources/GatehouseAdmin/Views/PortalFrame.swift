import GatehouseCore
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// What stands around each page of the portal: the ways to all others, and who looks.
struct PortalFrame: Sendable {
    private let frame: PageFrame
    private let place: PortalPlace
    private let here: String
    private let administrator: Administrator
    private let signOut: PostForm

    init(_ call: PortalCall) {
        frame = call.portal.frame
        place = call.place
        here = call.request.head.path.map { $0.prefix { $0 != "?" } }.map(String.init) ?? ""
        administrator = call.visit.administrator
        signOut = PostForm(
            action: call.portal.link("/admin/sign-out"),
            csrf: call.secret.authenticationCode(for: "admin/sign-out"))
    }

    /// The parts of the portal that are about one tenant.
    private static let ofTenant: [(head: HTML?, paths: [(words: HTML, path: String)])] = [
        (nil, [("Overview", "tenants/{tenant}")]),
        (
            "Apps",
            [
                ("Applications", "tenants/{tenant}/clients"),
                ("APIs", "tenants/{tenant}/resources"),
                ("Refused requests", "tenants/{tenant}/refused-requests"),
                ("Check of an address", "tenants/{tenant}/redirect-uri-check"),
            ]
        ),
        (
            "People",
            [
                ("Users", "tenants/{tenant}/users"),
                ("Organizations", "tenants/{tenant}/organizations"),
                ("Roles", "tenants/{tenant}/roles"),
                ("Consents", "tenants/{tenant}/consents"),
            ]
        ),
        (
            "Sign-in",
            [
                ("Branding", "tenants/{tenant}/branding"),
                ("Limits", "tenants/{tenant}/limits"),
                ("Client registration", "tenants/{tenant}/registration"),
                ("Trusted issuers", "tenants/{tenant}/trusted-issuers"),
                ("Domains", "tenants/{tenant}/domains"),
            ]
        ),
        (
            "Developers",
            [
                ("API keys", "tenants/{tenant}/api-keys"),
                ("Signing keys", "tenants/{tenant}/keys"),
                ("Initial access tokens", "tenants/{tenant}/initial-access-tokens"),
                ("Administrator keys", "tenants/{tenant}/administrator-keys"),
                ("Managed by configuration", "tenants/{tenant}/configuration-marks"),
            ]
        ),
        (
            "Trust",
            [
                ("Audit", "tenants/{tenant}/events"),
                ("Checkpoint", "tenants/{tenant}/audit/checkpoint"),
            ]
        ),
    ]

    /// The parts that are about the whole installation.
    private static let ofInstallation: [(head: HTML?, paths: [(words: HTML, path: String)])] = [
        (
            nil,
            [
                ("Tenants", ""), ("Administrators", "administrators"),
                ("Administrator keys", "administrator-keys"), ("Admin link", "admin-links"),
                ("Checkpoint key", "audit/key"), ("Health", "health"),
            ]
        )
    ]

    func document(
        _ title: String, _ content: HTML, tone: PageDocument.Tone = .plain
    ) -> PageDocument {
        var document = PageDocument(
            frame, title: place.tenant.map { "\(title) – \($0)" } ?? title, tone: tone,
            layout: .portal, body: content)
        document.navigation = navigation
        return document
    }

    private var navigation: HTML {
        let parts = place.tenant == nil ? Self.ofInstallation : Self.ofTenant
        return """
            <nav class="portal" id="menu" aria-label="Portal">
            \(place.tenant.map(tenantHead))
            \(parts.map(part))
            <p class="who"><span class="reading">Signed in as</span> \
            <bdi>\(administrator.name)</bdi></p>
            \(signOut.button("Sign out"))
            </nav>
            """
    }

    private func tenantHead(_ tenant: String) -> HTML {
        """
        <p class="tenant"><bdi>\(tenant)</bdi>\
        \(administrator.administersInstallation || administrator.tenants.count > 1
            ? place.link("").map { " <a\(href: $0)>All tenants</a>" as HTML } : nil)</p>
        """
    }

    private func part(_ part: (head: HTML?, paths: [(words: HTML, path: String)])) -> HTML {
        let items = part.paths.compactMap { item -> HTML? in
            guard let link = place.link(item.path) else { return nil }
            return """
                <li><a\(href: link)\(attribute: "aria-current", isHere(link) ? "page" : nil)>\
                \(item.words)</a></li>

                """
        }
        return """
            \(part.head.map { "<h2>\($0)</h2>" as HTML })
            <ul>\(items)</ul>
            """
    }

    private func isHere(_ link: Link) -> Bool { link.target == here }
}
