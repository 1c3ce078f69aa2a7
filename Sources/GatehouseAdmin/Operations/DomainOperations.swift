import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb

/// What commands do to the domains of tenants.
struct DomainOperations {
    let operation: Operation
    let setting: Operation.Setting

    private var domains: AdministerDomains { setting.gatehouse.domains }

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        if operation.name == .listDomains { return try await list(of: tenant) }
        let host = try host()
        switch operation.name {
        case .addDomain:
            guard let domain = try await domains.add(host, to: tenant.id, on: setting.occasion)
            else {
                throw OperationError(
                    .conflict, "“\(tenant.slug.text)” has the domain “\(host.text)” already.")
            }
            return domain.shown(setting.addresses, primary: tenant.primaryHost)
        case .verifyDomain: return try await verify(host, of: tenant)
        default:
            guard try await domains.remove(host, from: tenant.id, on: setting.occasion) else {
                throw notFound(host, tenant)
            }
            return ["removed": .string(host.text)]
        }
    }

    private func host() throws(OperationError) -> HostName {
        let text = try operation.require("host")
        guard let host = HostName(parsing: text), host.isQualified else {
            throw OperationError(
                .wrongUse,
                "“\(text)” is not a domain in lower case, such as login.example.com.")
        }
        guard !setting.addresses.contains(host) else {
            throw OperationError(.conflict, "“\(text)” belongs to this installation.")
        }
        return host
    }

    private func list(of tenant: Tenant) async throws -> JSONValue {
        let own = try await domains.list(in: tenant.id)
        let base = setting.addresses.base
        var shown: [JSONValue] = [
            .object(
                JSONObject([
                    ("issuer", .string(Issuer(base: base, slug: tenant.slug.text).text)),
                    ("state", "in_use"), ("primary", .bool(tenant.primaryHost == nil)),
                ]))
        ]
        if let host = setting.addresses.host(of: tenant) {
            shown.append(
                .object(
                    JSONObject([
                        ("host", .string(host.text)),
                        ("issuer", .string(Issuer(base: base, host: host).text)),
                        ("state", "in_use"), ("primary", .bool(tenant.primaryHost == host)),
                    ])))
        }
        return .array(
            shown + own.map { $0.shown(setting.addresses, primary: tenant.primaryHost) })
    }

    private func verify(_ host: HostName, of tenant: Tenant) async throws -> JSONValue {
        let verification = try await domains.verify(host, of: tenant.id, on: setting.occasion)
        switch verification {
        case .verified(let domain):
            return domain.shown(setting.addresses, primary: tenant.primaryHost)
        case .inUse:
            throw OperationError(.conflict, "Another tenant answers at “\(host.text)”.")
        case .unknown: throw notFound(host, tenant)
        case .missing, .unavailable: throw verification.refusal
        }
    }

    private func notFound(_ host: HostName, _ tenant: Tenant) -> OperationError {
        OperationError(
            .notFound, "There is no domain “\(host.text)” in “\(tenant.slug.text)”.")
    }
}

extension DomainVerification {
    /// What a command says where the name servers do not prove it.
    var refusal: OperationError {
        guard case .missing(let domain, let found) = self else {
            return OperationError(
                .unavailable, "The name servers did not answer. Try again later.")
        }
        let seen = found.isEmpty ? "there is none" : "there is \(found.count) that says otherwise"
        return OperationError(
            .notFound,
            """
            The TXT record \(domain.recordName) must say “\(domain.proof)”; \(seen). A new \
            record can take as long to be seen as an old one was kept.
            """)
    }
}

extension DomainClaim {
    /// The domain of a tenant as commands print it.
    fileprivate func shown(
        _ addresses: InstanceAddresses, primary: HostName?
    ) -> JSONValue {
        var object = JSONObject([
            ("host", .string(host.text)),
            ("issuer", .string(Issuer(base: addresses.base, host: host).text)),
            ("state", .string(verifiedAt == nil ? "unverified" : "in_use")),
            ("primary", .bool(primary == host)),
        ])
        addProof(to: &object)
        return .object(object)
    }

    /// What proves it, and since when it does.
    func addProof(to object: inout JSONObject) {
        object.add("txt_record", .string(recordName))
        object.add("txt_value", .string(proof))
        object.add("verified_at", .time(verifiedAt))
        object.add("missing_since", .time(missingSince))
    }
}
