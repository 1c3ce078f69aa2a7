import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol

/// What commands do to how the pages of a tenant look.
struct BrandingOperations {
    let operation: Operation
    let setting: Operation.Setting

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        return switch operation.name {
        case .updateBranding: try await update(tenant)
        case .setTenantLogos: try await set(try ManageLogos.Images(operation), of: tenant)
        case .removeTenantLogos: try await set(nil, of: tenant)
        default: tenant.shownBranding
        }
    }

    private func update(_ tenant: Tenant) async throws -> JSONValue {
        let change = try BrandingChange(operation)
        let outcome = try await setting.gatehouse.tenants.update(
            tenant.slug, on: setting.occasion
        ) { [setting] tenant in
            setting.edit(&tenant, shown: { .object($0.brandingRecord) }) {
                change.apply(to: &$0.branding)
            }
        }
        return try outcome.record(or: absence(of: tenant)).shownBranding
    }

    private func set(_ images: ManageLogos.Images?, of tenant: Tenant) async throws -> JSONValue {
        let changed = try await setting.gatehouse.logos.set(
            images, of: tenant.id, on: setting.occasion)
        guard let changed else { throw OperationError(.notFound, absence(of: tenant)) }
        return changed.shownBranding
    }

    private func absence(of tenant: Tenant) -> String {
        "There is no tenant “\(tenant.slug.text)”."
    }
}

/// What an operation says of how pages look; an empty text takes a value away.
struct BrandingChange: Sendable {
    /// What becomes of a value, if anything does.
    private enum Saying<Value: Sendable>: Sendable {
        case nothing
        case now(Value?)

        func apply(to value: inout Value?) {
            if case .now(let new) = self { value = new }
        }
    }

    private let accent: Saying<Color>
    private let darkAccent: Saying<Color>
    private let corners: Branding.Corners?
    private let support: Saying<WebAddress>
    private let privacy: Saying<WebAddress>
    private let terms: Saying<WebAddress>

    init(_ operation: Operation) throws(OperationError) {
        accent = try Self.color(operation, "accent", in: .light)
        darkAccent = try Self.color(operation, "dark_accent", in: .dark)
        corners = try operation.value(
            "corners", "--corners must be square, soft or round.",
            Branding.Corners.init(rawValue:))
        support = try Self.address(operation, "support_uri")
        privacy = try Self.address(operation, "privacy_uri")
        terms = try Self.address(operation, "terms_uri")
    }

    func apply(to branding: inout Branding) {
        accent.apply(to: &branding.accent)
        darkAccent.apply(to: &branding.darkAccent)
        if let corners { branding.corners = corners }
        support.apply(to: &branding.support)
        privacy.apply(to: &branding.privacy)
        terms.apply(to: &branding.terms)
    }

    /// A colour that can be read on pages of the scheme; another one is refused, with the nearest that can.
    private static func color(
        _ operation: Operation, _ name: String, in scheme: PageScheme
    ) throws(OperationError) -> Saying<Color> {
        guard let text = operation.text(name) else { return .nothing }
        guard !text.isEmpty else { return .now(nil) }
        guard let color = Color(parsing: text) else {
            throw OperationError(
                .wrongUse, "“\(text)” is not a colour such as #1d4ed8.", about: name)
        }
        let contrast = Contrast(of: color, in: scheme)
        guard contrast.isReadable else {
            let nearest = Contrast.readable(nextTo: color, in: scheme)
            throw OperationError(
                .wrongUse,
                """
                \(color.text) cannot be read on \(scheme.rawValue) pages: its contrast is \
                \(contrast.worst?.words ?? "too low"), and text needs 4.5:1. The nearest that can is \
                \(nearest.text).
                """, about: name)
        }
        return .now(color)
    }

    private static func address(
        _ operation: Operation, _ name: String
    ) throws(OperationError) -> Saying<WebAddress> {
        guard let text = operation.text(name) else { return .nothing }
        guard !text.isEmpty else { return .now(nil) }
        guard let address = WebAddress(parsing: text), address.scheme == "https" else {
            throw OperationError(
                .wrongUse, "“\(text)” is not an address such as https://example.com/help.",
                about: name)
        }
        return .now(address)
    }
}

extension Contrast.Pair {
    /// The ratio for people: never more than it is.
    var words: String {
        let hundredths = Int((ratio * 100).rounded(.down))
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest):1"
    }
}

extension Tenant {
    /// How its pages look, and how well they are read, as commands print it.
    var shownBranding: JSONValue {
        var object = brandingRecord
        object.add("contrast", branding.shownContrast)
        return .object(object)
    }

    /// How its pages look.
    fileprivate var brandingRecord: JSONObject {
        var object = JSONObject([
            ("accent", .optional(branding.accent?.text)),
            ("dark_accent", .optional(branding.darkAccent?.text)),
            ("corners", .string(branding.corners.rawValue)),
            ("support_uri", .optional(branding.support?.text)),
            ("privacy_uri", .optional(branding.privacy?.text)),
            ("terms_uri", .optional(branding.terms?.text)),
        ])
        if let logos { object.add("logos", logos.shown) }
        return object
    }
}

extension Branding {
    /// How well its colours can be read, place by place.
    fileprivate var shownContrast: JSONValue {
        .array(
            PageScheme.allCases.flatMap { scheme in
                Contrast(of: accent(in: scheme), in: scheme).pairs.map { pair in
                    [
                        "scheme": .string(scheme.rawValue), "place": .string(pair.place.rawValue),
                        "text": .string(pair.text.text),
                        "background": .string(pair.background.text),
                        "ratio": .string(pair.words), "needed": "4.5:1",
                    ]
                }
            })
    }
}
