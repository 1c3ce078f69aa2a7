import GatehouseCore
import GatehouseProtocol

/// All that is known of an installation when it is checked: read before, so that the check itself only
/// judges.
struct InstallationSituation: Sendable {
    let base: BaseURL
    let facts: InstallationFacts
    let found: InspectInstallation.Found
    let now: Timestamp
}
