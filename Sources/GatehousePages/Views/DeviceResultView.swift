package import GatehouseWeb

/// The page after a person answered whether a device may be let in, or came too late for it.
package struct DeviceResultView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// What runs on the device.
    package var application: ApplicationLabel
    /// What happened.
    package var outcome: Outcome
    /// Where another code can be entered.
    package var again: Link

    /// What happened.
    package enum Outcome: Sendable, Hashable {
        /// The device was let in.
        case allowed
        /// The device was kept out.
        case denied
        /// The time is over, somebody answered before, or it cannot be allowed any more.
        case over
    }

    /// The page.
    package init(
        frame: PageFrame, application: ApplicationLabel, outcome: Outcome, again: Link
    ) {
        self.frame = frame
        self.application = application
        self.outcome = outcome
        self.again = again
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: title, tone: outcome == .over ? .problem : .plain,
            body: """
                <h1>\(title)</h1>
                \(application.lede("for"))
                \(explanation)
                """)
    }

    private var title: String {
        switch outcome {
        case .allowed: "Your device is connected"
        case .denied: "You kept the device out"
        case .over: "This request is over"
        }
    }

    private var explanation: HTML {
        switch outcome {
        case .allowed:
            """
            <p>Go back to it: it goes on by itself in a few seconds. You can close this page.</p>
            """
        case .denied:
            """
            <p>It was told so, and nothing was shared with it. If you did not start this yourself, \
            somebody tried to get into your account; you do not have to do anything else.</p>
            """
        case .over:
            """
            <p>It has expired or was answered already, and nothing was changed. Start again on \
            your device, and enter the new code.</p>
            <p><a class="button primary"\(href: again)>Enter a code</a></p>
            """
        }
    }
}
