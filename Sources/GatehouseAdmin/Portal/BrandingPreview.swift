import GatehouseCore
import GatehouseEncoding
import GatehousePages
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// The pages of a tenant as they would look with a branding that is not saved.
extension PortalCall {
    static let previewPath = "tenants/{tenant}/branding/preview"
    static let samplePath = "tenants/{tenant}/branding/sample"

    /// All samples, with the values that the address tells.
    func previewBranding() async throws -> Response {
        let said = try query().pairs.map { ($0.name, $0.value) }
        let preview = try await preview(saying: said)
        return page(
            "Preview", "<section class=\"hero\"><h1>Preview</h1></section>\(preview)",
            framesThisSite: true)
    }

    /// One sample, which the preview shows in a frame.
    func sampleBranding() async throws -> Response {
        let query = try query()
        guard let tenant = try await tenant(saying: query.pairs.map { ($0.name, $0.value) }),
            let name = query.pairs.first(where: { $0.name == "page" })?.value,
            let scheme = query.pairs.first(where: { $0.name == "scheme" })?.value,
            let page = PageSample.Page(rawValue: name), let scheme = PageScheme(rawValue: scheme)
        else { throw Problem(.notFound, Problem.Code.notFound.title) }
        var document = PageSample(
            of: tenant, at: Issuer(base: portal.base, slug: tenant.slug.text),
            assets: portal.assets, page: page, scheme: scheme
        ).document
        document.mayBeFramed = true
        return .page(document)
    }

    /// What a form of branding shows below itself.
    ///
    /// Where the form tells already what is wrong with it, the preview does not say it again.
    func preview(of form: PortalForm, isFaulty: Bool) async throws -> HTML {
        try await preview(
            saying: form.screen.endpoint.members.map { ($0.name, form.value(of: $0)) },
            isQuiet: isFaulty)
    }

    private func preview(
        saying values: [(String, String)], isQuiet: Bool = false
    ) async throws -> HTML {
        var problem: String?
        var shown = values
        var tenant: Tenant?
        do {
            tenant = try await self.tenant(saying: values)
        } catch let error as OperationError {
            problem = error.description
            shown = []
            tenant = try await self.tenant(saying: [])
        }
        guard let tenant, let address = place.link(Self.previewPath) else {
            throw Problem(.notFound, Problem.Code.notFound.title)
        }
        let samples = PageSample.Page.allCases.flatMap { page in
            PageScheme.allCases.compactMap { scheme in
                place.link(
                    Self.samplePath,
                    shown + [("page", page.rawValue), ("scheme", scheme.rawValue)]
                ).map { BrandingPreviewView.Sample(page: page, scheme: scheme, link: $0) }
            }
        }
        return BrandingPreviewView(
            address: address, branding: tenant.branding, samples: samples,
            problem: isQuiet ? nil : problem
        ).html
    }

    /// The tenant, with the branding that some values make of its own.
    private func tenant(saying values: [(String, String)]) async throws -> Tenant? {
        guard let look = AdminEndpoint.byOperation[.showBranding] else { return nil }
        try access.check(look)
        guard var tenant = try await tenant() else { return nil }
        let change = try BrandingChange(
            Operation(.updateBranding, values.map { ($0.0, .string(PortalForm.trimmed($0.1))) }))
        change.apply(to: &tenant.branding)
        return tenant
    }
}
