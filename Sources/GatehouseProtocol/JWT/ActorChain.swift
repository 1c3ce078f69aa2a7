package import GatehouseEncoding

/// Somebody who acts for somebody else (RFC 8693 §4.1).
public struct Actor: Sendable, Hashable {
    /// A user or a client, by the identifier that is the `sub` of their own tokens.
    public let subject: String
    /// The client that acts for this user; nil if the actor is a client itself.
    public let clientID: String?

    /// Makes an actor.
    public init(subject: String, clientID: String? = nil) {
        self.subject = subject
        self.clientID = clientID
    }
}

/// Who acts for the subject of a token, and who did before them: the claim `act` of RFC 8693 §4.1.
public struct ActorChain: Sendable, Hashable {
    /// Who acts now, then whoever acted before; never empty.
    public let actors: [Actor]

    /// The most actors of one chain.
    ///
    /// Honest chains are short, and each link makes the token longer.
    public static let most = 5

    /// A chain of one.
    public init(_ actor: Actor) {
        actors = [actor]
    }

    private init(actors: [Actor]) {
        self.actors = actors
    }

    /// The chain in which somebody acts after these; nil if it would be too long.
    public func followed(by actor: Actor) -> ActorChain? {
        guard actors.count < Self.most else { return nil }
        return ActorChain(actors: [actor] + actors)
    }

    /// The chain as the claim `act`.
    package var jsonObject: JSONObject {
        var object = JSONObject()
        for actor in actors.reversed() {
            var outer: JSONObject = ["sub": .string(actor.subject)]
            if let clientID = actor.clientID { outer.add("client_id", .string(clientID)) }
            if !object.members.isEmpty { outer.add("act", .object(object)) }
            object = outer
        }
        return object
    }

    /// Reads the claim; nil if it is not such a chain, or one that is too long.
    package init?(_ object: JSONObject) {
        var actors: [Actor] = []
        var next: JSONObject? = object
        while let actor = next {
            guard actors.count < Self.most, let subject = actor["sub"]?.string else { return nil }
            actors.append(Actor(subject: subject, clientID: actor["client_id"]?.string))
            guard let before = actor["act"] else { break }
            guard let object = before.object else { return nil }
            next = object
        }
        self.actors = actors
    }
}
