import Crypto
package import GatehouseCore
import HTTPTypes
package import Hummingbird
import NIOCore

/// The files that pages load, embedded in the program.
///
/// Their paths carry a digest of their content, so that a browser may keep them for ever.
package struct StaticAssets: Sendable {
    /// Where the stylesheet is found.
    package let stylesheet: Link
    /// Where the stylesheet is found that pages of the portal load besides.
    package let portalStylesheet: Link
    /// Where the icon is found.
    package let icon: Link

    /// Where stylesheets are found that show pages in one scheme, whatever the device asks for.
    private let schemed: [PageScheme: Link]
    /// Where the stylesheets of tenants' colours are.
    private let brands: String

    private struct Asset: Sendable {
        let path: String
        let type: String
        let bytes: ByteBuffer
    }

    private let assets: [Asset]

    /// Takes the path that everything is served under.
    package init(base: String) {
        let style = Self.asset("gatehouse", "css", "text/css", PackageResources.gatehouse_css)
        let portal = Self.asset("portal", "css", "text/css", PackageResources.portal_css)
        let mark = Self.asset("gatehouse", "svg", "image/svg+xml", Mark.image.utf8)
        let forced = PageScheme.allCases.map { scheme in
            (
                scheme,
                Self.asset(
                    "gatehouse-\(scheme.rawValue)", "css", "text/css",
                    Self.stylesheet(PackageResources.gatehouse_css, in: scheme))
            )
        }
        assets = [style, portal, mark] + forced.map(\.1)
        schemed = Dictionary(
            uniqueKeysWithValues: forced.map { ($0, Link(path: base + $1.path) ?? "/") })
        brands = base + "/assets/brand/"
        stylesheet = Link(path: base + style.path) ?? "/"
        portalStylesheet = Link(path: base + portal.path) ?? "/"
        icon = Link(path: base + mark.path) ?? "/"
    }

    /// Where the stylesheet is found that shows pages in one scheme.
    package func stylesheet(in scheme: PageScheme) -> Link { schemed[scheme] ?? stylesheet }

    /// Where a stylesheet of a tenant's colours is found.
    package func link(to stylesheet: BrandStylesheet) -> Link {
        Link(path: brands + stylesheet.name) ?? "/"
    }

    /// The stylesheet of all pages, where the device is not asked what it wants.
    private static func stylesheet(_ bytes: [UInt8], in scheme: PageScheme) -> [UInt8] {
        let text = String(decoding: bytes, as: UTF8.self)
            .replacing("color-scheme: light dark", with: "color-scheme: \(scheme.rawValue)")
            .replacing(
                "(prefers-color-scheme: dark)", with: scheme == .dark ? "all" : "not all")
        return Array(text.utf8)
    }

    /// Serves the files.
    package func addRoutes(to router: some RouterMethods<EdgeContext>) {
        router.get("/assets/brand/:name") { _, context in
            guard
                let brand = context.parameters.get("name").flatMap(BrandStylesheet.init(name:))
            else { throw HTTPError(.notFound) }
            return Self.answer(ByteBuffer(string: brand.text), type: "text/css")
        }
        for asset in assets {
            router.get(RouterPath(asset.path)) { _, _ in
                Self.answer(asset.bytes, type: asset.type)
            }
        }
    }

    /// A file that never changes.
    private static func answer(_ bytes: ByteBuffer, type: String) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = type
        headers[.cacheControl] = "public, max-age=31536000, immutable"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: bytes))
    }

    private static func asset(
        _ name: String, _ suffix: String, _ type: String, _ bytes: [UInt8]
    ) -> Asset {
        let digest = SHA256.hash(data: bytes).prefix(8).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
        return Asset(
            path: "/assets/\(name)-\(digest).\(suffix)", type: type, bytes: ByteBuffer(bytes: bytes)
        )
    }
}
