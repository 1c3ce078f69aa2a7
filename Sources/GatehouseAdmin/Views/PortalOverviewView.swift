import GatehouseCore
import GatehouseEncoding
import GatehouseWeb

/// The first page of a tenant.
struct PortalOverviewView: Sendable {
    let place: PortalPlace
    let tenant: JSONValue
    let activity: ReadActivity.OfTenant
    let now: Timestamp
    let events: [JSONValue]
    let hasMail: Bool
    let isPublic: Bool
    let actions: [PortalScreen]
    let mayCreate: [Operation.Name]

    var html: HTML {
        """
        <section class="hero">
        <h1><bdi>\(tenant["name"]?.string ?? "")</bdi></h1>
        <p class="lede">Issuer <code class="copy">\(tenant["issuer"]?.string ?? "")</code></p>
        \(PortalActions.html(actions, at: place))
        </section>
        \(setUp)
        <section>
        <h2>The last 24 hours</h2>
        \(numbers)
        \(signIns.html)
        \(funnel.html)
        </section>
        <section>
        <h2>What happened last</h2>
        \(events.isEmpty ? "<p class=\"empty\">Nothing has happened yet.</p>" : eventTable)
        </section>
        """
    }

    // MARK: Set-up

    private struct Step {
        let words: HTML
        let isDone: Bool
        let screen: Operation.Name?
    }

    private var steps: [Step] {
        [
            Step(
                words: "An application is registered", isDone: activity.clients > 0,
                screen: .createClient),
            Step(words: "Somebody has an account", isDone: activity.users > 0, screen: .createUser),
            Step(
                words: "Somebody signed in to an application",
                isDone: activity.monthly > 0, screen: nil),
            Step(words: "Letters can be sent (mail-relay)", isDone: hasMail, screen: nil),
            Step(words: "The address is public, by https", isDone: isPublic, screen: nil),
        ]
    }

    /// What is still to be done, until all of it is.
    private var setUp: HTML? {
        let steps = steps
        guard steps.contains(where: { !$0.isDone }) else { return nil }
        let items = steps.map { step -> HTML in
            let link =
                step.isDone
                ? nil
                : step.screen.flatMap { name in
                    mayCreate.contains(name)
                        ? PortalScreen.byOperation[name].flatMap { place.link($0) } : nil
                }
            let words = link.map { "<a\(href: $0)>\(step.words)</a>" } ?? step.words
            return """
                <li class="\(step.isDone ? "done" : "to-do")">\(words) \
                <span class="reading">\(step.isDone ? "done" : "to do")</span></li>

                """
        }
        return """
            <section>
            <h2>Set up</h2>
            <ul class="steps">
            \(items)</ul>
            </section>
            """
    }

    // MARK: What happens

    private var numbers: HTML {
        let facts: [(HTML, Int64, String?)] = [
            ("Active today", activity.daily, nil), ("this week", activity.weekly, nil),
            ("this month", activity.monthly, nil),
            ("Users", activity.users, "tenants/{tenant}/users"),
            ("Applications", activity.clients, "tenants/{tenant}/clients"),
            ("Organizations", activity.organizations, "tenants/{tenant}/organizations"),
            (
                "Refused requests", activity.refusedRequests,
                "tenants/{tenant}/refused-requests"
            ),
        ]
        let items = facts.map { words, number, path -> HTML in
            let link = path.flatMap { place.link($0) }
            let name = link.map { "<a\(href: $0)>\(words)</a>" as HTML } ?? words
            return "<div><dt>\(name)</dt><dd>\(Int(number))</dd></div>\n"
        }
        return "<dl class=\"numbers\">\(items)</dl>"
    }

    private func number(_ measure: Activity.Measure, from start: Int64, to end: Int64) -> Int {
        activity.hours.reduce(0) { sum, count in
            count.measure == measure && (start..<end).contains(count.began.seconds)
                ? sum + Int(count.happened) : sum
        }
    }

    private func number(_ measure: Activity.Measure) -> Int {
        number(measure, from: 0, to: .max)
    }

    private var signIns: StackedBars {
        let hour: Int64 = 3_600
        let last = now.seconds / hour * hour
        return StackedBars(
            title: "Sign-ins by the hour", series: ["Signed in", "Not let in"],
            bars: (0..<24).map { back in
                let start = last - Int64(23 - back) * hour
                return (
                    label: String(CalendarTime(seconds: start).clock.prefix(5)),
                    parts: [
                        number(.signedIn, from: start, to: start + hour),
                        number(.signInFailed, from: start, to: start + hour),
                    ]
                )
            })
    }

    private var funnel: Funnel {
        Funnel(
            title: "From the password to the token",
            steps: [
                ("Tried to sign in", number(.signedIn) + number(.signInFailed)),
                ("Signed in", number(.signedIn)),
                ("Were let into an application", number(.granted)),
                ("Their application got tokens", number(.redeemed)),
            ])
    }

    private var eventTable: HTML {
        DataTable(
            "What happened last", columns: ["What", "When", "By", "To"],
            rows: events.map { event in
                let value = PortalValue(place: place)
                return [
                    PortalValue.pieces(event["kind"]?.string ?? ""),
                    value.html(event["occurred_at"], .time), value.html(event["actor"], .text),
                    value.html(event["subject"], .text),
                ]
            }
        ).html
    }
}
