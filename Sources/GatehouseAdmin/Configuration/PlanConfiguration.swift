import GatehouseCore
import GatehouseEncoding

/// Compares what a document says of a tenant with what there is.
///
/// It looks at nothing else.
struct PlanConfiguration {
    let manager: String
    let wanted: ConfiguredTenant
    let found: FoundTenant
    let reach: ConfigurationReach
    private(set) var steps: [ConfigurationStep] = []
    private(set) var leftAlone: [ConfigurationStep] = []
    private(set) var problems: [ConfigurationProblem] = []

    init(
        _ wanted: ConfiguredTenant, _ found: FoundTenant, by manager: String,
        within reach: ConfigurationReach
    ) {
        self.manager = manager
        self.wanted = wanted
        self.found = found
        self.reach = reach
        for thing in wanted.things.sorted(by: { $0.noun.name.rawValue < $1.noun.name.rawValue }) {
            plan(thing)
        }
        for thing in wanted.things(.client) { planExchanges(of: thing) }
        planDeletions()
        checkNames()
    }

    private var tenant: String { wanted.slug.text }

    private mutating func refuse(_ sentence: String, at thing: ConfiguredThing) {
        problems.append(ConfigurationProblem(sentence, at: thing.line))
    }

    // MARK: One thing

    private mutating func plan(_ thing: ConfiguredThing) {
        if let known = found.thing(thing.noun.name, thing.name, of: thing.owner) {
            planChange(of: thing, from: known)
        } else if thing.noun.create != nil {
            planCreation(of: thing)
        } else if found.shown == nil {
            planBeginning(of: thing)
        } else {
            refuse("There is no \(thing.noun.word) “\(thing.name)”.", at: thing)
        }
    }

    private mutating func planCreation(of thing: ConfiguredThing) {
        let given = Set(thing.members.map(\.member.name))
        for member in thing.noun.requiredMembers where !given.contains(member.name) {
            refuse(
                "\(member.name) is missing: there is no \(thing.noun.word) “\(thing.name)” yet.",
                at: thing)
        }
        guard let create = thing.noun.create else { return }
        var step = ConfigurationStep(
            .create, thing.noun, thing.name, of: thing.owner, in: tenant)
        step.differences = thing.members.map {
            .init(member: $0.member.name, old: nil, new: $0.value)
        }
        var arguments = place(in: thing.owner)
        if let argument = thing.noun.newArgument {
            arguments.append(.init(name: argument, value: .string(thing.name)))
        }
        let new = thing.noun.newMembers
        arguments += thing.members.filter { new.contains($0.member.name) }
            .compactMap { argument($0, of: thing.noun) }
        if thing.noun.name == .client {
            arguments += [
                .init(name: "managed_by", value: .string(manager)),
                .init(name: "managed_as", value: .string(thing.name)),
            ]
        } else if thing.noun.mark != nil {
            step.markName = thing.markName
        }
        step.operations = [PlannedOperation(name: create, arguments: arguments)]
        let later = thing.members.filter { !new.contains($0.member.name) }
        if !later.isEmpty { step.operations.append(update(thing, later, known: nil)) }
        step.secretFile = thing.secretFile
        steps.append(step)
    }

    /// What a new tenant has one of is there as soon as the tenant is.
    private mutating func planBeginning(of thing: ConfiguredThing) {
        guard !thing.members.isEmpty else { return }
        var step = ConfigurationStep(
            .change, thing.noun, thing.name, of: thing.owner, in: tenant)
        step.differences = thing.members.map {
            .init(member: $0.member.name, old: nil, new: $0.value)
        }
        step.operations = [update(thing, thing.members, known: nil)]
        steps.append(step)
    }

    private mutating func planChange(of thing: ConfiguredThing, from known: FoundThing) {
        let differing = thing.members.filter { configured in
            let current = thing.noun.value(of: configured.member, in: known.shown, found.names)
            return thing.noun.normal(configured.member, configured.value)
                != thing.noun.normal(configured.member, current)
        }
        let markName = markName(of: thing, known)
        guard !differing.isEmpty || markName != nil else { return }
        var step = ConfigurationStep(
            differing.isEmpty ? .adopt : .change, thing.noun, thing.name, of: thing.owner,
            in: tenant)
        step.id = known.id
        step.markName = markName
        step.differences = differing.map {
            .init(
                member: $0.member.name,
                old: thing.noun.value(of: $0.member, in: known.shown, found.names), new: $0.value)
        }
        if !differing.isEmpty { step.operations = [update(thing, differing, known: known)] }
        if thing.noun.name == .client { step.askAboutUse() }
        steps.append(step)
    }

    /// How the thing is to be marked; nil if it is marked so, or not to be marked.
    private mutating func markName(of thing: ConfiguredThing, _ known: FoundThing) -> String? {
        guard thing.noun.mark != nil else { return nil }
        guard let mark = found.mark(of: known) else { return thing.markName }
        guard mark.manager == manager || reach.takesOver else {
            refuse(
                "The \(thing.noun.word) “\(thing.name)” is managed by “\(mark.manager)”: “--take-over” changes that.",
                at: thing)
            return nil
        }
        return mark.manager == manager && mark.name == thing.markName ? nil : thing.markName
    }

    // MARK: Operations

    /// The tenant, and the organization if it is something of one.
    private func place(in owner: String?) -> [PlannedOperation.Argument] {
        [.init(name: "tenant", value: .string(tenant))]
            + (owner.map { [.init(name: "organization", value: .string($0))] } ?? [])
    }

    private func update(
        _ thing: ConfiguredThing, _ members: [ConfiguredMember], known: FoundThing?
    ) -> PlannedOperation {
        var arguments = place(in: thing.owner)
        if let argument = thing.noun.argument {
            let isClient = thing.noun.name == .client
            arguments.append(
                .init(
                    name: argument, value: .string(thing.name), reference: isClient ? .client : nil
                ))
        }
        arguments += members.compactMap { argument($0, of: thing.noun) }
        let isRevised = AdminEndpoint.byOperation[thing.noun.update]?.isRevised ?? false
        return PlannedOperation(
            name: thing.noun.update, arguments: arguments,
            expected: isRevised ? known.map { Revision(of: .object($0.shown)) } : nil)
    }

    private func argument(
        _ configured: ConfiguredMember, of noun: ConfigurationNoun
    ) -> PlannedOperation.Argument? {
        configured.member.kind.argument(for: configured.value).map {
            .init(
                name: configured.member.argument, value: $0,
                reference: noun.references[configured.member.name])
        }
    }

    // MARK: Exchanges

    private mutating func planExchanges(of thing: ConfiguredThing) {
        guard let wanted = thing.exchanges else { return }
        let known = found.thing(.client, thing.name, of: nil)
        let before = (known?.exchanges ?? []).map { policy in
            (policy: policy, said: Exchange(policy, named: found.names))
        }
        let after = wanted.map { Exchange($0, named: ConfigurationNames()) }
        let gone = before.filter { !after.contains($0.said) }
        let come = zip(wanted, after).filter { new in !before.contains { $0.said == new.1 } }
        guard !gone.isEmpty || !come.isEmpty else { return }
        var step = ConfigurationStep(.change, .client, thing.name, in: tenant)
        step.id = known?.id
        step.differences = [
            .init(
                member: "exchanges", old: .array(gone.map { .string($0.said.words) }),
                new: .array(come.map { .string($0.1.words) }))
        ]
        let place: [PlannedOperation.Argument] = [
            .init(name: "tenant", value: .string(tenant)),
            .init(name: "client", value: .string(thing.name), reference: .client),
        ]
        step.operations =
            come.map { policy, _ in
                PlannedOperation(
                    name: .createExchange, arguments: place + Exchange.arguments(policy))
            }
            + gone.map { policy, _ in
                PlannedOperation(
                    name: .deleteExchange,
                    arguments: place + [.init(name: "policy", value: policy["id"] ?? "")])
            }
        steps.append(step)
    }

    // MARK: What is not there any more

    private mutating func planDeletions() {
        let named = Set(
            wanted.things.compactMap { found.thing($0.noun.name, $0.name, of: $0.owner)?.id })
        let over = found.things.filter { thing in
            guard let mark = found.mark(of: thing), mark.manager == manager else { return false }
            return !named.contains(thing.id)
        }
        // What needs others goes before them.
        for thing in over.sorted(by: { $0.noun.name.rawValue > $1.noun.name.rawValue }) {
            switch reach.rest {
            case .stays: leftAlone.append(contentsOf: deletion(of: thing))
            case .goes: steps.append(contentsOf: deletion(of: thing))
            case .isReleased: steps.append(release(of: thing))
            }
        }
    }

    private func deletion(of thing: FoundThing) -> [ConfigurationStep] {
        guard let delete = thing.noun.delete, let argument = thing.noun.argument else { return [] }
        var step = ConfigurationStep(.delete, thing.noun, thing.name, of: thing.owner, in: tenant)
        step.id = thing.id
        let isById = [.client, .resource, .trustedIssuer, .organization].contains(thing.noun.name)
        step.operations = [
            PlannedOperation(
                name: delete,
                arguments: place(in: thing.owner)
                    + [.init(name: argument, value: .string(isById ? thing.id : thing.name))])
        ]
        if thing.noun.name == .client { step.questions = [.everything] }
        return [step]
    }

    private func release(of thing: FoundThing) -> ConfigurationStep {
        var step = ConfigurationStep(.release, thing.noun, thing.name, of: thing.owner, in: tenant)
        step.id = thing.id
        step.operations = [
            PlannedOperation(
                name: .removeMark,
                arguments: place(in: nil) + [
                    .init(name: "kind", value: .string(thing.noun.mark?.rawValue ?? "")),
                    .init(name: "object", value: .string(thing.id)),
                ])
        ]
        return step
    }

    // MARK: Names

    /// Refuses names of clients and organizations that nothing has, before anything is done.
    private mutating func checkNames() {
        var names = found.names
        for thing in wanted.things(.client) { names.clients[thing.name] = thing.name }
        for thing in wanted.things(.organization) { names.organizations[thing.name] = thing.name }
        for thing in wanted.things {
            for configured in thing.members {
                let reference = thing.noun.references[configured.member.name]
                check(configured.value, reference, configured.member.name, of: thing, in: names)
            }
            for policy in thing.exchanges ?? [] {
                for (member, reference) in ConfigurationNoun.exchangeReferences {
                    check(policy[member] ?? [], reference, member, of: thing, in: names)
                }
            }
        }
    }

    private mutating func check(
        _ value: JSONValue, _ reference: ConfigurationNoun.Reference?, _ member: String,
        of thing: ConfiguredThing, in names: ConfigurationNames
    ) {
        guard let reference else { return }
        let named = value.strings ?? value.string.map { [$0] } ?? []
        for name in named where names.id(of: name, reference) == nil {
            refuse(
                "\(member) of \(thing.noun.word) “\(thing.name)” names “\(name)”, which is not in the document.",
                at: thing)
        }
    }
}

/// A policy of an exchange by all that it says: it has no name.
private struct Exchange: Equatable {
    let values: [JSONValue]
    let words: String

    init(_ policy: JSONObject, named names: ConfigurationNames) {
        values = ConfigurationNoun.exchangeMembers.map { member in
            var value = policy[member.name] ?? .null
            if value == .null { value = member.kind.empty }
            if let reference = ConfigurationNoun.exchangeReferences[member.name] {
                value = names.named(value, reference)
            }
            return ConfigurationNoun.normal(member, value)
        }
        let resources = policy["resources"]?.strings ?? []
        words = "\(policy["mode"]?.string ?? "") for \(resources.joined(separator: " "))"
    }

    static func arguments(_ policy: JSONObject) -> [PlannedOperation.Argument] {
        ConfigurationNoun.exchangeMembers.compactMap { member in
            policy[member.name].flatMap { member.kind.argument(for: $0) }.map {
                .init(
                    name: member.argument, value: $0,
                    reference: ConfigurationNoun.exchangeReferences[member.name])
            }
        }
    }
}

extension ConfigurationStep {
    /// Asks how much is used of what a client loses.
    fileprivate mutating func askAboutUse() {
        for difference in differences {
            switch difference.member {
            case "redirect_uris":
                let kept = difference.new?.strings ?? []
                questions += (difference.old?.strings ?? []).filter { !kept.contains($0) }
                    .map { .redirectURI($0) }
            case "scope":
                let kept = (difference.new?.string ?? "").split(separator: " ")
                questions += (difference.old?.string ?? "").split(separator: " ")
                    .filter { !kept.contains($0) }.map { .scope(String($0)) }
            case "disabled" where difference.new == true: questions.append(.everything)
            default: continue
            }
        }
    }
}
