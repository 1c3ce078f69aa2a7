import GatehouseProtocol
import GatehouseWeb

/// What an application could do with a scope, in words.
enum ScopeWords {
    /// One line for each value; even a scope without values says who somebody is.
    static func items(_ values: [String]) -> [HTML] {
        let all = values.contains(Scope.openID) ? values : [Scope.openID] + values
        return all.map { "<li>\(words(for: $0))</li>" }
    }

    /// What one value means.
    static func words(for value: String) -> HTML {
        switch value {
        case Scope.openID: "recognise your account"
        case Scope.profile: "see your name and username"
        case Scope.email: "see your e-mail address"
        case Scope.offlineAccess: "stay connected after you sign out here"
        case Scope.approvals: "answer for you what applications ask from elsewhere"
        default: "use <code>\(value)</code>"
        }
    }
}
