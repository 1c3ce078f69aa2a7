import Crypto
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
        assets = [style, portal, mark]
        stylesheet = Link(path: base + style.path) ?? "/"
        portalStylesheet = Link(path: base + portal.path) ?? "/"
        icon = Link(path: base + mark.path) ?? "/"
    }

    /// Serves the files.
    package func addRoutes(to router: some RouterMethods<EdgeContext>) {
        for asset in assets {
            router.get(RouterPath(asset.path)) { _, _ in
                var headers = HTTPFields()
                headers[.contentType] = asset.type
                headers[.cacheControl] = "public, max-age=31536000, immutable"
                return Response(
                    status: .ok, headers: headers, body: ResponseBody(byteBuffer: asset.bytes))
            }
        }
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
