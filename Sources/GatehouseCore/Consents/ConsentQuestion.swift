private import GatehouseEncoding
package import GatehouseProtocol

/// One part of what a client asks for: who the person is, or what it may do at one resource.
package struct ConsentPart: Sendable, Hashable {
    /// The resource by its indicator; empty for who the person is, which is no resource.
    package let resource: String
    package let scope: Scope

    /// What of it was not allowed before; nil if all of it was.
    fileprivate func missing(in remembered: Consent?) -> ConsentPart? {
        guard let remembered else { return self }
        let missing = scope.subtracting(remembered.scope(at: resource))
        return missing.isEmpty ? nil : ConsentPart(resource: resource, scope: missing)
    }
}

/// What a person has to be asked before a client gets anything in their name.
package struct ConsentQuestion: Sendable, Hashable {
    /// What is asked, part by part; who the person is comes first.
    package let parts: [ConsentPart]
    /// What is asked in full (RFC 9396): each time, since no two payments are one.
    package let details: [AuthorizationDetail]
    /// True if the person has allowed the client something before, so that this is only what is new.
    package let isAddition: Bool
    /// True if the person may allow some of it only.
    package let mayChoose: Bool
    /// All that the client asks for, what it was allowed before included.
    let scope: Scope

    /// What has to be asked; nil if nothing has.
    ///
    /// A client of the tenant's own asks only because it wants to. Others' clients ask for what is
    /// new. One that somebody else could pass for asks each time (RFC 8252 §8.6).
    init?(
        _ request: AuthorizationRequest, of client: Client, answeredAt redirectURI: RedirectURI,
        parts: [ConsentPart], remembered: Consent?
    ) {
        guard client.mayAskConsent(by: request) else { return nil }
        let isRepeated =
            request.prompt.contains(.consent) || request.authorizationDetails != nil
            || client.isImitable(answeredAt: redirectURI)
        let missing = parts.compactMap { $0.missing(in: remembered) }
        guard isRepeated || !missing.isEmpty else { return nil }
        self.parts = isRepeated ? parts : missing
        details = request.authorizationDetails?.all ?? []
        isAddition = !isRepeated && remembered.map { !$0.parts.isEmpty } ?? false
        mayChoose = client.policies.allowsPartialConsent
        scope = request.scope
    }

    /// What is allowed by a person who left these values ticked.
    ///
    /// Whatever else a form says changes nothing.
    package func allowed(ticked: Set<String>) -> Scope {
        guard mayChoose else { return scope }
        let optional = Set(parts.flatMap(\.scope.values)).subtracting([Scope.openID])
        return scope.filter { !optional.contains($0) || ticked.contains($0) }
    }

    /// One text for each question, so that an answer to another one is noticed.
    package var text: String {
        let parts = parts.map { "\($0.resource)\n\($0.scope.text)" }
        let details = details.map { String(decoding: $0.json.serialized(), as: UTF8.self) }
        let lines = ["\(isAddition)", "\(mayChoose)", scope.text] + parts + details
        return lines.joined(separator: "\n")
    }
}

extension Client {
    /// True if a person may have to be asked before the client gets anything by this request.
    func mayAskConsent(by request: AuthorizationRequest) -> Bool {
        isOfThirdParty || request.prompt.contains(.consent)
            || request.authorizationDetails != nil
    }

    /// True if it is somebody else's: it gets nothing in a person's name that they did not allow.
    package var isOfThirdParty: Bool { policies.party == .third }

    /// True if whatever else runs on a device could pass for the client: it proves itself by
    /// nothing, and has no address that is its own.
    fileprivate func isImitable(answeredAt redirectURI: RedirectURI) -> Bool {
        isOfThirdParty && !isConfidential
            && !redirectURI.text.utf8.starts(with: "https://".utf8)
    }
}
