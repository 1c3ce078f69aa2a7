package import GatehouseWeb

/// The page of the demo application for someone who is signed in: what it was told, and what it
/// can do with it.
package struct SignedInView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// What to call the person.
    package var person: String
    /// What the application holds.
    package var tokens: Tokens
    /// What the buttons do.
    package var actions: Actions
    /// What just happened.
    package var news: News?

    /// What the application holds.
    package struct Tokens: Sendable, Hashable {
        /// Who signed in.
        package var id: DecodedToken
        /// The key to the protected API.
        package var access: Access
        /// The refresh token with all but its ends hidden, if there is one.
        package var maskedRefresh: String?
        /// How long the access token is valid, after "Valid": `for 14 minutes, until 02:46:05 UTC`.
        package var accessExpires: String

        /// An access token, which only its audience may read.
        package enum Access: Sendable, Hashable {
            /// One that can be read.
            case signed(DecodedToken)
            /// One that says nothing, with all but its ends hidden.
            case opaque(masked: String)
        }

        /// The tokens.
        package init(
            id: DecodedToken, access: Access, maskedRefresh: String?, accessExpires: String
        ) {
            self.id = id
            self.access = access
            self.maskedRefresh = maskedRefresh
            self.accessExpires = accessExpires
        }
    }

    /// What the buttons do.
    package struct Actions: Sendable {
        /// Gets new tokens.
        package var refresh: PostForm
        /// Calls the protected API.
        package var callAPI: PostForm
        /// Ends the session here and at Gatehouse.
        package var signOut: PostForm

        /// The actions.
        package init(refresh: PostForm, callAPI: PostForm, signOut: PostForm) {
            self.refresh = refresh
            self.callAPI = callAPI
            self.signOut = signOut
        }
    }

    /// The page.
    package init(
        frame: PageFrame, person: String, tokens: Tokens, actions: Actions, news: News? = nil
    ) {
        self.frame = frame
        self.person = person
        self.tokens = tokens
        self.actions = actions
        self.news = news
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: "Signed in", tone: news?.tone ?? .plain, layout: .wide,
            body: """
                <section class="hero">
                <h1>Hello, <bdi>\(person)</bdi></h1>
                <p class="lede">You are signed in. This page shows everything the application was
                told.</p>
                <div class="row">\(tokens.maskedRefresh == nil ? nil : refresh)
                \(actions.callAPI.button("Call the protected API"))
                \(actions.signOut.button("Sign out"))</div>
                </section>
                \(news?.html)
                \(idToken)
                \(accessToken)
                \(refreshToken)
                """)
    }

    private var refresh: HTML { actions.refresh.button("Refresh tokens", isPrimary: true) }

    private var idToken: HTML {
        """
        <section>
        <h2>ID token</h2>
        <p>It tells this application who signed in. It is for this application only and is never
        sent to an API.</p>
        \(tokens.id.html(named: "ID token"))
        </section>
        """
    }

    private var accessToken: HTML {
        """
        <section>
        <h2>Access token</h2>
        <p>It opens the protected API. An application passes it on and need not look inside; we
        look because this is a demonstration. Valid \(tokens.accessExpires).</p>
        \(access)
        </section>
        """
    }

    private var access: HTML {
        switch tokens.access {
        case .signed(let token): token.html(named: "access token")
        case .opaque(let masked):
            """
            <p class="token"><code>\(masked)</code></p>
            <p class="hint">It says nothing by itself: the API asks Gatehouse what it stands for.</p>
            """
        }
    }

    private var refreshToken: HTML {
        guard let masked = tokens.maskedRefresh else {
            return """
                <section>
                <h2>Refresh token</h2>
                <p>There is none: the scope <code>offline_access</code> was not asked for.</p>
                </section>
                """
        }
        return """
            <section>
            <h2>Refresh token</h2>
            <p>It gets new tokens without asking you again. It stays on the server of the
            application; even here only its ends are shown.</p>
            <p class="token"><code>\(masked)</code></p>
            </section>
            """
    }
}
