import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import Hummingbird

extension Site {
    /// Hands an answer to the browser, which takes it to the client.
    func answer(
        _ delivery: AuthorizationResponse.Delivery, at context: TenantContext,
        cookies: [SetCookie?] = []
    ) -> Response {
        switch delivery {
        case .redirect(let address): return .seeOther(address, cookies: cookies)
        case .form(let redirectURI, let fields):
            // A redirect URI that takes forms is an absolute address, so there is always a link.
            let view = FormPostView(
                frame: frame(at: context), action: Link(proven: redirectURI.text) ?? "/",
                fields: fields, destination: redirectURI.destination)
            return .page(
                view.document,
                formTargets: FormTarget(origin: redirectURI.formTarget).map { [$0] } ?? [],
                cookies: cookies)
        }
    }
}
