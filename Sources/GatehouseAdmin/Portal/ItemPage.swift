import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb
import Hummingbird

extension PortalCall {
    /// One of a kind, what belongs to it, and what can be done to it.
    func item(_ screen: PortalScreen) async throws -> Response {
        let asked = try asked(screen)
        let isComplete = screen.endpoint.members.allSatisfy { member in
            !member.isRequired || asked.pairs.contains { $0.name == member.name }
        }
        guard isComplete else {
            try access.check(screen.endpoint)
            return page(
                screen.title, PortalQuestionView(screen: screen, place: place, asked: asked).html)
        }
        let shown = try await perform(
            screen.endpoint.operation, try arguments(of: screen, asked)
        ).result
        let view = PortalItemView(
            screen: screen, place: place, item: shown,
            actions: allowed(screen.actions), parts: allowed(screen.parts))
        let question =
            screen.endpoint.members.isEmpty
            ? nil : PortalQuestionView(screen: screen, place: place, asked: asked).form
        return page(
            view.title, HTML([try news(), view.html] + (question.map { [$0] } ?? [])))
    }

    /// What is asked, as the operation takes it.
    func arguments(
        of screen: PortalScreen, _ asked: FormParameters
    ) throws -> [(String, JSONValue?)] {
        try AdminArguments(screen.endpoint, path: [], query: asked, body: nil).values
            .map { ($0.name, $0.value) }
    }

    /// What the address asks of what the endpoint of a page takes.
    func asked(_ screen: PortalScreen) throws -> FormParameters {
        FormParameters(
            try query().pairs.filter { pair in
                !pair.value.isEmpty
                    && screen.filters.contains { $0.name.isExactly(pair.name) }
            }.map { ($0.name, $0.value) })
    }
}
