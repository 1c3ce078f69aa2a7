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
            try await access(to: screen.endpoint).check(place.values.filter { $0.name == "tenant" })
            return page(
                screen.title, PortalQuestionView(screen: screen, place: place, asked: asked).html)
        }
        let arguments = try AdminArguments(
            screen.endpoint, path: place.values, query: asked, body: nil)
        let shown = try await perform(
            screen.endpoint.operation,
            arguments.values.filter { value in
                !place.values.contains { $0.name == value.name }
            }.map { ($0.name, $0.value) }
        ).result
        let view = PortalItemView(
            screen: screen, place: place, item: shown,
            actions: try await allowed(screen.actions), parts: try await allowed(screen.parts))
        let question =
            screen.endpoint.members.isEmpty
            ? nil : PortalQuestionView(screen: screen, place: place, asked: asked).form
        return page(
            view.title, HTML([try news(), view.html] + (question.map { [$0] } ?? [])))
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
