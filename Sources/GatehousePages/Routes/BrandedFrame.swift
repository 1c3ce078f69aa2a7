import GatehouseCore
import GatehouseProtocol
import GatehouseWeb

extension PageFrame {
    /// The frame of a tenant's pages: its name, its logo, its colours, and where it leads to besides.
    init(of tenant: Tenant, at issuer: Issuer, assets: StaticAssets) {
        self.init(
            siteName: tenant.name, stylesheet: assets.stylesheet, icon: assets.icon,
            footer: Self.footer(tenant.branding))
        brandStylesheet = BrandStylesheet(tenant.branding).map(assets.link)
        logo = tenant.logos.map { LogoImage($0, at: issuer) }
    }

    private static func footer(_ branding: Branding) -> [NamedLink] {
        [("Help", branding.support), ("Privacy", branding.privacy), ("Terms", branding.terms)]
            .compactMap { words, address in
                address.flatMap { Link(proven: $0.text) }.map { NamedLink(words, $0) }
            }
    }
}

extension LogoImage {
    /// The images of some logos, at a tenant's address.
    init(_ logos: Logos, at issuer: Issuer) {
        let link = { (id: Logo.ID) in
            Link(path: "\(issuer.path)\(InteractionPaths.logos)/\(id.text)") ?? "/"
        }
        self.init(light: link(logos.light), dark: logos.dark.map(link))
    }
}
