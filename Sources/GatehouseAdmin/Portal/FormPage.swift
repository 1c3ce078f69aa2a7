import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

extension PortalCall {
    /// The page of a look.
    func show(_ screen: PortalScreen) async throws -> Response {
        switch (screen.kind, screen.endpoint.operation) {
        case (_, .showTenant): try await overview(screen)
        case (_, .showRefusedRequest): try await refusedRequest(screen)
        case (_, .integrateClient): try await integration(screen)
        case (_, .createClient): try await showWizard(screen)
        case (.list, _): try await list(screen)
        case (.item, _): try await item(screen)
        case (.form, _): try await showForm(screen)
        }
    }

    private func showForm(_ screen: PortalScreen) async throws -> Response {
        try access.check(screen.endpoint)
        let current = try await current(for: screen)
        return try await form(
            screen, PortalForm(screen, current: current, sent: nil), current, nil)
    }

    /// Does what a form asks for.
    func perform(_ screen: PortalScreen) async throws -> Response {
        let sent = try await sentForm()
        try access.check(screen.endpoint)
        guard screen.endpoint.power != .own || visit.isFresh(at: occasion.now) else {
            throw PortalRefusal.stale
        }
        if screen.endpoint.operation == .createClient {
            return try await performWizard(screen, sent)
        }
        let current = try await current(for: screen)
        let form = PortalForm(screen, current: current, sent: sent)
        guard !sent.pairs.contains(where: { $0.name == PortalForm.lookName }) else {
            return try await self.form(screen, form, current, nil)
        }
        do {
            let outcome = try await perform(
                screen.endpoint.operation, try form.arguments(), in: form.place(from: place),
                expecting: form.revision)
            return try done(screen, outcome)
        } catch let problem as Problem where problem.isAboutForm {
            return try await self.form(screen, form, current, problem)
        }
    }

    /// What a form changes, as it is now; nil if it makes something new, or nothing shows it.
    private func current(for screen: PortalScreen) async throws -> JSONValue? {
        guard !screen.makesNew else { return nil }
        if let look = PortalScreen.looks[screen.place], look.kind == .item {
            return try await perform(look.endpoint.operation).result
        }
        guard let list = PortalScreen.looks[PortalScreen.parent(of: screen.place)],
            case .page(_, .whole) = list.endpoint.answer,
            let name = PortalScreen.placeholders(in: screen.place).last, let value = place[name]
        else { return nil }
        return try await perform(list.endpoint.operation).result.array?
            .first { $0[list.namingMember]?.string == value }
    }

    private func form(
        _ screen: PortalScreen, _ form: PortalForm, _ current: JSONValue?, _ problem: Problem?
    ) async throws -> Response {
        guard let here = place.link(screen) else {
            throw Problem(.notFound, Problem.Code.notFound.title)
        }
        // Whoever goes on with what they filled in goes on from what they looked at.
        let looked = problem?.code == .outdated ? nil : form.revision?.text
        let revision = looked ?? current.map { Revision(of: $0).text }
        let view = PortalFormView(
            screen: screen, place: place, form: form, problem: problem,
            post: self.form(
                to: here,
                carrying: screen.endpoint.isRevised
                    ? revision.map { [(PortalForm.revisionName, $0)] } ?? [] : []),
            back: back(from: screen),
            isFresh: screen.endpoint.power != .own || visit.isFresh(at: occasion.now))
        let below = screen.hasPreview ? try await preview(of: form, isFaulty: problem != nil) : nil
        return page(
            screen.title, "\(view.html)\(below)", after: problem, framesThisSite: screen.hasPreview)
    }

    // MARK: Afterwards

    /// The way back to what the page is about.
    private func back(from screen: PortalScreen, dropping count: Int = 0) -> Link {
        var path = screen.place
        for _ in 0..<count { path = PortalScreen.parent(of: path) }
        while !path.isEmpty {
            if let look = PortalScreen.looks[path], let link = place.link(look) { return link }
            path = PortalScreen.parent(of: path)
        }
        return portal.link("/admin")
    }

    private func done(_ screen: PortalScreen, _ outcome: Outcome) throws -> Response {
        if screen.showsResult { return page(screen.title, result(of: screen, outcome.result)) }
        let target = destination(after: screen, outcome.result)
        let secret = outcome.result.object?.members.first {
            PortalSecretView.names.contains($0.name)
        }
        if secret != nil || !outcome.warnings.sentences.isEmpty {
            let view = PortalSecretView(
                title: screen.title, place: place, result: outcome.result,
                shape: screen.endpoint.answer.shape, secret: secret,
                warnings: outcome.warnings.sentences, onward: target)
            return page(screen.title, view.html)
        }
        return .seeOther("\(target.target)?done=\(screen.endpoint.operation.rawValue)")
    }

    /// What was found out, where nothing was done.
    private func result(of screen: PortalScreen, _ result: JSONValue) -> HTML {
        let view = PortalItemView(
            screen: screen, place: place, item: result, actions: [screen], parts: [])
        return view.html
    }

    /// Where the browser goes when something is done: to what it was done to, or to its list.
    private func destination(after screen: PortalScreen, _ result: JSONValue) -> Link {
        if screen.takesAway, case .gone = screen.endpoint.answer {
            return back(from: screen, dropping: 1)
        }
        if screen.makesNew, let list = PortalScreen.looks[screen.place], let each = list.each,
            let id = result[list.namingMember]?.string,
            let link = place.naming(each.placeholders.last ?? "", id).link(each)
        {
            return link
        }
        return back(from: screen)
    }
}

extension Problem {
    /// What is wrong with a member of what was asked; nil if it is about something else.
    func sentence(about member: Member) -> String? {
        pointer == "/" + member.name || pointer == member.name ? detail : nil
    }

    /// True if whoever filled in the form can mend it there.
    var isAboutForm: Bool {
        switch code {
        case .invalidRequest, .conflict, .outdated, .malformed: true
        default: false
        }
    }
}
