import GatehouseCore

/// What the portal calls things.
enum PortalWords {
    /// What those of a kind are called, and one of them, by the last word of their path.
    private static let nouns: [String: (many: String, one: String)] = [
        "tenants": ("Tenants", "tenant"), "users": ("Users", "user"),
        "clients": ("Applications", "application"), "resources": ("APIs", "API"),
        "organizations": ("Organizations", "organization"), "members": ("Members", "member"),
        "groups": ("Groups", "group"), "roles": ("Roles", "role"),
        "invitations": ("Invitations", "invitation"), "domains": ("Domains", "domain"),
        "limits": ("Limits", "limit"), "branding": ("Branding", "branding"),
        "keys": ("Signing keys", "signing key"),
        "registration": ("Client registration", "client registration"),
        "initial-access-tokens": ("Initial access tokens", "initial access token"),
        "sessions": ("Sessions", "session"), "consents": ("Consents", "consent"),
        "backchannel-authentications": ("Asked elsewhere", "request"),
        "api-keys": ("API keys", "API key"), "events": ("Audit", "event"),
        "trusted-issuers": ("Trusted issuers", "trusted issuer"),
        "administrator-keys": ("Administrator keys", "administrator key"),
        "administrators": ("Administrators", "administrator"),
        "admin-links": ("Admin link", "admin link"),
        "refused-requests": ("Refused requests", "refused request"),
        "exchanges": ("Token exchanges", "exchange policy"), "secrets": ("Secrets", "secret"),
        "health": ("Health", "health"), "logos": ("Logos", "logos"),
        "checkpoint": ("Checkpoint", "checkpoint"),
        "key": ("Checkpoint key", "checkpoint key"), "check": ("Check", "check"),
        "integration": ("Connect", "connect"), "preview": ("Preview", "preview"),
        "usage": ("Usage", "usage"),
        "configuration-marks": ("Managed by configuration", "mark"),
        "redirect-uri-check": ("Check of an address", "check of an address"),
        "subjects": ("Subjects", "link of a subject"),
    ]

    /// What is done, where the path ends with another word.
    private static let verbs: [String: String] = [
        "new": "New", "edit": "Edit", "delete": "Delete", "suspend": "Suspend",
        "activate": "Let act again", "restore": "Restore", "verify": "Look for the record",
        "preview": "Preview", "rotate": "Replace a key", "link": "Make a link",
        "resend": "Send again", "allow": "Allow", "deny": "Deny",
    ]

    /// What those of a kind are for, by the last word of their path.
    private static let sentences: [String: String] = [
        "tenants": "Each is a world of its own: users, applications, keys and an issuer.",
        "users": "People who sign in here.",
        "clients": "Apps that people sign in to, and machines that get tokens.",
        "resources": "The APIs that access tokens are for, and the scopes that each knows.",
        "organizations": "Groups of people, with roles and rules of their own.",
        "members": "Who is in the organization, and what they may do there.",
        "groups": "Members who have the same roles.",
        "roles": "Named sets of scopes, which memberships carry.",
        "invitations": "Who was asked to become a member, and how it went.",
        "limits": "How often what may be tried, before somebody has to wait.",
        "keys": "What tokens are signed with. A new key is published before it signs.",
        "initial-access-tokens": "What lets somebody register applications by themselves.",
        "sessions": "Where the person is signed in.",
        "consents": "What people allowed to applications for good.",
        "backchannel-authentications": "What applications ask of the person, who is elsewhere.",
        "api-keys": "Secrets by which programs act at APIs for a person or an organization.",
        "events": "All that happened, the newest first. Every change leaves a line here.",
        "trusted-issuers": "Others whose word is taken for access tokens.",
        "administrator-keys": "Secrets by which programs administer.",
        "administrators": "The people who administer, and what each may do where.",
        "configuration-marks": "What documents manage, which gatehouse apply keeps to.",
        "refused-requests": "Authorization requests of the last day that were refused, and why.",
        "exchanges": "What the application may exchange for other tokens.",
        "checkpoint": "A signed statement about all events until now. Keep it elsewhere.",
    ]

    fileprivate static func sentence(about path: String) -> String? {
        path.split(separator: "/").last { !$0.hasPrefix("{") }
            .flatMap { path.hasSuffix("}") ? nil : sentences[String($0)] }
    }

    /// The words whose letters stand for words.
    private static let initials: Set<String> = [
        "uri", "uris", "pkce", "dpop", "tls", "jwks", "id", "san", "dn", "dns", "ip", "tos", "api",
        "url", "txt",
    ]

    /// A name of a program, such as `redirect_uris`, as people read it: `Redirect URIs`.
    static func label(_ name: String) -> String {
        let words = name.split(separator: "_").enumerated().map { index, word -> String in
            if word == "uris" { return "URIs" }
            if word == "dpop" { return "DPoP" }
            if initials.contains(String(word)) { return word.uppercased() }
            return index == 0 ? word.prefix(1).uppercased() + word.dropFirst() : String(word)
        }
        return words.joined(separator: " ")
    }

    fileprivate static func noun(of path: String) -> (many: String, one: String) {
        let word = path.split(separator: "/").last { !$0.hasPrefix("{") }.map(String.init) ?? ""
        return nouns[word] ?? (label(word), word)
    }

    fileprivate static func verb(_ word: String) -> String { verbs[word] ?? label(word) }
}

extension PortalScreen {
    /// What stands at the head of the page.
    var title: String {
        switch kind {
        case .list: noun.many
        case .item: noun.one.first.map { $0.uppercased() + noun.one.dropFirst() } ?? ""
        case .form: "\(action) \(takesAll ? noun.many.lowercased() : subject)"
        }
    }

    /// What a link or a button to it says.
    var action: String {
        guard kind == .form else { return noun.many }
        if case .gone(let word) = endpoint.answer {
            switch word {
            case "revoked": return "Revoke"
            case "ended": return "End"
            case "removed": return "Remove"
            default: return "Delete"
            }
        }
        return PortalWords.verb(path.split(separator: "/").last.map(String.init) ?? "")
    }

    /// What a button to it says: with what it is about, where that goes without saying nowhere.
    var words: String {
        makesNew || PortalScreen.looks[place] == nil ? title : action
    }

    /// What the button says that does it.
    var button: String { makesNew ? "Create" : path.hasSuffix("/edit") ? "Save" : action }

    /// What the page does, or what those are that it lists, as one sentence.
    var sentence: String {
        kind == .form
            ? endpoint.summary
            : PortalWords.sentence(about: path) ?? endpoint.answer.shape?.words ?? ""
    }

    /// True if it takes all of a kind away at once.
    private var takesAll: Bool { endpoint.operation == .endAllSessions }

    private var subject: String {
        switch endpoint.operation {
        case .rotateKey: ""
        case .previewClient: "of tokens"
        case .issueAdminLink: "for an administrator"
        default: noun.one
        }
    }

    private var noun: (many: String, one: String) { PortalWords.noun(of: place) }
}
