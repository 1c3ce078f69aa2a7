import GatehouseCore

/// How the installation as a whole fares.
enum InstallationEndpoints {
    static let all: [AdminEndpoint] = [
        AdminEndpoint.show(
            .checkInstallation, "health",
            "Look for what is wrong with the installation, and say what mends it.",
            .installationCheck
        ).ofInstallation
    ]
}

extension Shape {
    fileprivate static let installationCheck = Shape(
        "InstallationCheck", "What is found out about an installation.",
        [
            .text("version", "Which version of Gatehouse it is."),
            .text("database", "Which database it is on."),
            .time("started_at", "Since when it is served; null if no server answered.").orNull,
            .choice("verdict", severity, "The worst that was found."),
            Field("findings", .list(finding), "What was found, subject by subject."),
        ])
}
