import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird
import NIOCore

/// What somebody builds who registers an application.
enum AppKind: String, Sendable, CaseIterable {
    case web
    case spa
    case native
    case device
    case machine

    /// What its registration is, before anything is said of it.
    var registration: [(name: String, value: String)] {
        switch self {
        case .web: [("type", "web")]
        case .spa: [("type", "spa")]
        case .native: [("type", "native")]
        case .device: [("type", "native"), ("device_authorization", "true")]
        case .machine: [("type", "machine")]
        }
    }

    /// What the wizard asks of such an application, in this order.
    var questions: [String] {
        switch self {
        case .web, .spa: ["name", "redirect_uris", "post_logout_redirect_uris"] + Self.trust
        case .native: ["name", "redirect_uris"] + Self.trust
        case .device: ["name"] + Self.trust
        case .machine: ["name", "scope", "organization"]
        }
    }

    private static let trust = ["party", "organization", "policy_uri", "tos_uri", "scope"]

    /// True if nothing works without it.
    func needs(_ name: String) -> Bool {
        name == "name" || name == "redirect_uris" && [.web, .spa, .native].contains(self)
    }

    /// What stands in a field before anybody typed.
    func suggestion(for name: String) -> String? {
        switch (name, self) {
        case ("scope", .machine): nil
        case ("scope", _): "openid profile email offline_access"
        case ("party", _): "first"
        default: nil
        }
    }
}

/// The way from “what do you build?” to an application that works.
extension PortalCall {
    /// Asks what is built, and then all else about it.
    func showWizard(_ screen: PortalScreen) async throws -> Response {
        try access.check(screen.endpoint)
        guard let kind = try query()[.kind].flatMap(AppKind.init(rawValue:)) else {
            let view = ClientKindsView(
                kinds: AppKind.allCases.compactMap { kind in
                    place.link(screen, [("kind", kind.rawValue)]).map { (kind, $0) }
                },
                agents: PortalScreen.byOperation[.updateRegistration].flatMap { place.link($0) })
            return page(screen.title, view.html)
        }
        return wizard(
            screen, kind, PortalForm(screen, suggesting: { kind.suggestion(for: $0) }), nil)
    }

    /// Registers the application, and shows its secret once.
    func performWizard(_ screen: PortalScreen, _ sent: FormParameters) async throws -> Response {
        guard let kind = sent[.kind].flatMap(AppKind.init(rawValue:)) else {
            return try await showWizard(screen)
        }
        let said = sent.pairs.filter { pair in
            !kind.registration.contains { $0.name.isExactly(pair.name) }
        }
        let registration =
            said.map { ($0.name, $0.value) } + kind.registration.map { ($0.name, $0.value) }
        let form = PortalForm(screen, current: nil, sent: FormParameters(registration))
        do {
            let outcome = try await perform(
                screen.endpoint.operation, try form.arguments())
            return try await registered(outcome)
        } catch let problem as Problem where problem.isAboutForm {
            return wizard(screen, kind, form, problem)
        }
    }

    private func wizard(
        _ screen: PortalScreen, _ kind: AppKind, _ form: PortalForm, _ problem: Problem?
    ) -> Response {
        let here = place.link(screen) ?? portal.link("/admin")
        let view = ClientWizardView(
            screen: screen, place: place, kind: kind, form: form, problem: problem,
            post: self.form(to: here, carrying: [("kind", kind.rawValue)]), kinds: here)
        return page(screen.title, view.html, after: problem)
    }

    private func registered(_ outcome: Outcome) async throws -> Response {
        let client = outcome.result["client_id"]?.string ?? ""
        let place = place.naming("client", client)
        guard let screen = PortalScreen.byOperation[.integrateClient], let next = place.link(screen)
        else { throw Problem(.notFound, Problem.Code.notFound.title) }
        let secret = outcome.result["client_secret"]?.string
        let environment = try await perform(.integrateClient, in: place).result["env"]?.string ?? ""
        let view = ClientRegisteredView(
            name: outcome.result["name"]?.string ?? "", clientID: client, secret: secret,
            environment: environment.replacing(EnvironmentFile.placeholder, with: secret ?? ""),
            warnings: outcome.warnings.sentences, next: next,
            download: form(to: portal.link("/admin/settings-file")))
        return page("Registered", view.html)
    }
}

extension PortalCall {
    /// Gives the browser, as a file, the settings that it sent: where they are shown once.
    func settingsFile() async throws -> Response {
        let content = try await sentForm()[.content] ?? ""
        var headers = HTTPFields()
        headers[.contentType] = "text/plain; charset=utf-8"
        headers[.contentDisposition] = "attachment; filename=\"gatehouse.env\""
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: content)))
    }
}

extension ParameterName {
    /// What a file is to hold.
    static let content = Self("content")
    /// What is built.
    static let kind = Self("kind")
}
