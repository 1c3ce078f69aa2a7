import GatehouseCore
import GatehouseEncoding

/// Plans and does what a document says, by the operations that everybody uses: wherever the
/// installation is, and as whoever asks may.
package struct ApplyConfiguration: Sendable {
    private let perform: PerformOperation

    package init(perform: @escaping PerformOperation) {
        self.perform = perform
    }

    /// What is to be done.
    ///
    /// - Throws: ``ConfigurationProblems`` if the document cannot be followed here.
    package func plan(
        _ document: ConfigurationDocument, within reach: ConfigurationReach
    ) async throws -> ConfigurationPlan {
        var plan = ConfigurationPlan(manager: document.manager.text)
        var problems: [ConfigurationProblem] = []
        for wanted in document.tenants {
            let found = try await FindConfiguration(perform: perform, manager: plan.manager)
                .tenant(for: wanted)
            let planned = PlanConfiguration(wanted, found, by: plan.manager, within: reach)
            problems += planned.problems
            plan.steps += planned.steps
            plan.leftAlone += planned.leftAlone
            plan.names[found.slug] = found.names
        }
        guard problems.isEmpty else { throw ConfigurationProblems(problems) }
        let traffic = ConfigurationTraffic(perform: perform)
        plan.steps = try await traffic.told(of: plan.steps)
        plan.leftAlone = try await traffic.told(of: plan.leftAlone)
        return plan
    }

    /// What a step led to.
    package struct Done: Sendable {
        package let step: ConfigurationStep
        /// The id of a new client.
        package internal(set) var clientID: String?
        /// The secret of a new client, which is shown once.
        package internal(set) var secret: String?
        package internal(set) var warnings: [String] = []
    }

    /// Does it step by step, and tells of each.
    ///
    /// What fails ends it: what was done before stays done, and the next plan begins there.
    package func apply(
        _ plan: ConfigurationPlan, _ tell: (Done) throws -> Void
    ) async throws {
        var names = plan.names
        for step in plan.steps {
            try tell(
                try await perform(
                    step, &names[step.tenant, default: ConfigurationNames()], by: plan.manager))
        }
    }

    private func perform(
        _ step: ConfigurationStep, _ names: inout ConfigurationNames, by manager: String
    ) async throws -> Done {
        var done = Done(step: step)
        var id = step.id
        for planned in step.operations {
            let answer = try await perform(
                planned.resolved(names, for: Slug(parsing: manager)))
            done.warnings += answer.warnings
            guard step.action == .create, planned.name == step.noun.create else { continue }
            id = (answer.result["client_id"] ?? answer.result["id"])?.string
            switch step.noun.name {
            case .client:
                names.clients[step.name] = id
                done.clientID = id
                done.secret = answer.result["client_secret"]?.string
            case .organization: names.organizations[step.name] = id
            default: break
            }
        }
        if let markName = step.markName, let kind = step.noun.mark, let id {
            let mark = Operation(
                .setMark,
                [
                    ("tenant", .string(step.tenant)), ("kind", .string(kind.rawValue)),
                    ("object", .string(id)), ("managed_by", .string(manager)),
                    ("managed_as", .string(markName)),
                ])
            _ = try await perform(mark)
        }
        return done
    }
}
