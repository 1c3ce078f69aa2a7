import GatehouseCore
import HTTPTypes

/// How the pages of a tenant look.
enum BrandingEndpoints {
    static let all: [AdminEndpoint] = [
        AdminEndpoint.show(
            .showBranding, one, "Show how the pages of a tenant look, and how well they are read.",
            .branding
        ).revised,
        AdminEndpoint.change(
            .updateBranding, one, "Change how the pages of a tenant look.", .branding,
            [
                .text(
                    "accent",
                    "The colour of links and buttons, such as #1d4ed8; empty for Gatehouse's own."),
                .text(
                    "dark_accent",
                    "The same on dark pages; empty for the nearest one that can be read there."),
                .choice(
                    "corners", Branding.Corners.allCases.map(\.rawValue),
                    "How round cards, fields and buttons are."),
                .text("support_uri", "Where people find help: https."),
                .text("privacy_uri", "What is done with what is known of them: https."),
                .text("terms_uri", "What they agree to: https."),
            ]
        ).revised,
        .change(
            .setTenantLogos, one + "/logos",
            "Give a tenant logos beside its name, in the place of those it had.", .branding,
            ClientEndpoints.logos, by: .put),
        .change(
            .removeTenantLogos, one + "/logos", "Take its logos from a tenant.", .branding, [],
            by: .delete),
    ]

    private static let one = TenantEndpoints.one + "/branding"
}

extension Shape {
    static let branding = Shape(
        "Branding", "How the pages of a tenant look.",
        [
            .text("accent", "The colour of links and buttons.").orNull,
            .text("dark_accent", "The same on dark pages.").orNull,
            .choice(
                "corners", Branding.Corners.allCases.map(\.rawValue),
                "How round cards, fields and buttons are."),
            .text("support_uri", "Where people find help.").orNull,
            .text("privacy_uri", "What is done with what is known of them.").orNull,
            .text("terms_uri", "What they agree to.").orNull,
            Field("logos", .object(logos), "The logos beside its name.").optional,
            Field("contrast", .list(contrast), "How well the colours are read."),
        ])

    private static let contrast = Shape(
        "Contrast", "How well one colour is read on another (WCAG 2.2 SC 1.4.3).",
        [
            .choice("scheme", PageScheme.allCases.map(\.rawValue), "On which pages."),
            .choice("place", Contrast.Place.allCases.map(\.rawValue), "Where they meet."),
            .text("text", "The colour of the text."),
            .text("background", "What is behind it."),
            .text("ratio", "Their contrast."), .text("needed", "What there has to be."),
        ])
}
