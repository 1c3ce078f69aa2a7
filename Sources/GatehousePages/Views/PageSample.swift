package import GatehouseCore
package import GatehouseProtocol
package import GatehouseWeb

/// A hosted page as it would look with some branding, about people and an application that are made up.
///
/// Nothing on it does anything: its policy turns forms and scripts off (``PageDocument/mayBeFramed``).
package struct PageSample: Sendable {
    /// Whose page it is, with the branding that it is to have.
    package let tenant: Tenant
    package let issuer: Issuer
    package let assets: StaticAssets
    package let page: Page
    /// Light or dark, whatever the device asks for.
    package let scheme: PageScheme

    /// Which pages there are to look at.
    package enum Page: String, Sendable, CaseIterable {
        case signIn = "sign-in"
        case refused
        case createAccount = "create-account"
        case consent
        case userCode = "user-code"
        case error

        /// What the page is, for people.
        package var words: String {
            switch self {
            case .signIn: "Sign in"
            case .refused: "Sign in, after a wrong password"
            case .createAccount: "Create account"
            case .consent: "Consent"
            case .userCode: "Connect a device"
            case .error: "An error"
            }
        }
    }

    package init(
        of tenant: Tenant, at issuer: Issuer, assets: StaticAssets, page: Page, scheme: PageScheme
    ) {
        self.tenant = tenant
        self.issuer = issuer
        self.assets = assets
        self.page = page
        self.scheme = scheme
    }

    /// The whole page.
    package var document: PageDocument {
        var document = view
        document.body = document.body.withoutFocus
        return document
    }

    private var view: PageDocument {
        switch page {
        case .signIn:
            SignInView(
                frame: frame, form: form, application: application, createAccount: "#"
            ).document
        case .refused:
            SignInView(
                frame: frame, form: form, application: application,
                subject: .anyone(identifier: "kay@example.com"), problem: .mismatch
            ).document
        case .createAccount:
            CreateAccountView(
                frame: frame, form: form, application: application, signIn: "#",
                typed: .init(email: "kay@example.com", name: "Kay Example")
            ).document
        case .consent: consent.document
        case .userCode: EnterUserCodeView(frame: frame, form: form, typed: "").document
        case .error:
            ErrorView(
                frame: frame, explanation: .unknownRedirect,
                incident: Incident(
                    id: "0123456789abcdef", timestamp: "2026-01-01T12:00:00Z",
                    time: "1 January 2026, 12:00 UTC")
            ).document
        }
    }

    private var frame: PageFrame {
        var frame = PageFrame(of: tenant, at: issuer, assets: assets)
        frame.stylesheet = assets.stylesheet(in: scheme)
        frame.logo = frame.logo.map { logo in
            LogoImage(light: scheme == .dark ? logo.dark ?? logo.light : logo.light)
        }
        frame.brandStylesheet = BrandStylesheet(tenant.branding, in: scheme).map(assets.link)
        return frame
    }

    private var form: PostForm { PostForm(action: "#", csrf: "", carrying: []) }

    private var application: ApplicationLabel {
        ApplicationLabel(name: "Ledger", destination: .web(host: "ledger.example.com"))
    }

    private var consent: ConsentView {
        ConsentView(
            frame: frame, form: form, application: application, publisher: nil,
            account: AccountLabel(name: "Kay Example", signInName: "kay@example.com"),
            otherAccount: "#", organization: nil,
            question: .init(
                groups: [
                    .init(
                        resource: nil,
                        items: ["openid", "profile", "email"].map {
                            .init(value: $0, description: nil)
                        })
                ], details: [], isAddition: false, mayChoose: true),
            applications: "#")
    }
}
