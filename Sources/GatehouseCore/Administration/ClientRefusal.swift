/// Why a client cannot be registered as it is, in words for whoever registers it.
package enum ClientRefusal: Error, Sendable, Equatable {
    /// The profile asks for more than the registration promises.
    case contradictions(ClientProfile, [ProfileDemand])
    /// People are known to the client by a name that would change.
    case subjectChanged
    /// The redirect URIs are not those of one sector.
    case mixedSector
    /// The list of the sector is not to be had, or is none; the word says why.
    case sectorUnavailable(String)
    /// The list of the sector lacks a redirect URI of the client.
    case notInSector
    /// Somebody else changed the client at the same time.
    case changedMeanwhile
    /// The address for front-channel logout is not beside a redirect URI.
    case frontChannelElsewhere
    /// The address for back-channel logout is one of ours.
    case backChannelHere
    /// The client notification endpoint is one of ours.
    case notificationHere

    /// The reason as a sentence, or several.
    package var description: String {
        switch self {
        case .contradictions(let profile, let demands):
            "The profile \(profile.rawValue) asks for what this client does not promise: "
                + demands.map(\.words.description).joined(separator: "; ") + "."
        case .subjectChanged:
            "The subject type and the sector of a client never change: "
                + "the people it knows would become strangers to it. Register another client."
        case .mixedSector:
            "The redirect URIs of a pairwise client must be of its one host, "
                + "unless a sector identifier lists them."
        case .sectorUnavailable(let reason):
            "The list at the sector identifier cannot be used: \(reason)."
        case .notInSector:
            "The list at the sector identifier lacks a redirect URI of the client."
        case .changedMeanwhile:
            "The client was changed by somebody else at the same time; try again."
        case .frontChannelElsewhere:
            "The front-channel logout address must have scheme, host and port of a redirect URI."
        case .backChannelHere:
            "The back-channel logout address is one of this installation."
        case .notificationHere:
            "The client notification endpoint is one of this installation."
        }
    }
}
