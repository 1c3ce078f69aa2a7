package import GatehouseWeb

/// The page that asks whether a device may be let in: what asks, for what, and when and where it
/// began.
///
/// It sends `answer`, `allow` or `deny`, and `csrf`. Neither answer is easier to give than the
/// other.
package struct AllowDeviceView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// Where the answer is sent.
    package var form: PostForm
    /// What runs on the device.
    package var application: ApplicationLabel
    /// The account that the device would get into.
    package var account: AccountLabel
    /// What it asks for, as the values of its scope.
    package var scope: [String]
    /// When and where it began.
    package var beginning: Beginning

    /// When and where a device began to ask.
    package struct Beginning: Sendable, Hashable {
        /// The network address, if it is known.
        package var address: String?
        /// Whether that is in the network which the person is in.
        package var isSameNetwork: Bool
        /// How long ago: `2 minutes`.
        package var ago: String
        /// The time, for machines: `2026-11-21T02:31:05Z`.
        package var timestamp: String
        /// The time, for people: `21 November 2026, 02:31:05 UTC`.
        package var time: String

        /// The beginning.
        package init(
            address: String?, isSameNetwork: Bool, ago: String, timestamp: String, time: String
        ) {
            self.address = address
            self.isSameNetwork = isSameNetwork
            self.ago = ago
            self.timestamp = timestamp
            self.time = time
        }
    }

    /// The page.
    package init(
        frame: PageFrame, form: PostForm, application: ApplicationLabel, account: AccountLabel,
        scope: [String], beginning: Beginning
    ) {
        self.frame = frame
        self.form = form
        self.application = application
        self.account = account
        self.scope = scope
        self.beginning = beginning
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: "Let this device in?",
            body: """
                <h1>Let this device in?</h1>
                \(application.lede("asked by"))
                \(Self.warning)
                \(account.card)
                <h2>What it could do</h2>
                <ul>\(ScopeWords.items(scope))</ul>
                <h2>When and where it began</h2>
                \(beginning.html)
                \(form.html(class: "pair", buttons))
                """)
    }

    private static let warning: HTML = Alert.note(
        """
        <strong>Only go on if you started this on a device in front of you.</strong> If somebody \
        sent you a link or a code, choose Deny: they would get into your account.
        """)

    private var buttons: HTML {
        """
        <button type="submit" class="secondary" name="answer" \
        value="\(Answer.allow.rawValue)">Allow</button>
        <button type="submit" class="secondary" name="answer" \
        value="\(Answer.deny.rawValue)">Deny</button>
        """
    }
}

extension AllowDeviceView.Beginning {
    fileprivate var html: HTML {
        """
        <dl class="facts">
        <div><dt>When</dt><dd>\(ago) ago<br><time datetime="\(timestamp)">\(time)</time></dd></div>
        <div><dt>Network</dt><dd>\(place)</dd></div>
        </dl>
        """
    }

    private var place: HTML {
        switch (address, isSameNetwork) {
        case (nil, _): "not known"
        case (let address?, true):
            "<bdi dir=\"ltr\">\(address)</bdi><br>the same network as yours"
        case (let address?, false):
            """
            <bdi dir="ltr">\(address)</bdi><br><strong>another network than yours</strong>
            """
        }
    }
}
