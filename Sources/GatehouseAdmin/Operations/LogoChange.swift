import GatehouseCore
import GatehouseEncoding

extension ManageLogos.Images {
    /// The images that a command brings.
    init(_ operation: Operation) throws(OperationError) {
        guard let light = try operation.image("light") else {
            throw OperationError(.wrongUse, "--light names no file.")
        }
        self.init(light: light, dark: try operation.image("dark"))
    }
}

extension Operation {
    fileprivate func image(_ name: String) throws(OperationError) -> RasterImage? {
        guard let text = text(name) else { return nil }
        do {
            return try RasterImage(parsing: Base64.decode(text) ?? [])
        } catch {
            throw OperationError(.wrongUse, "--\(name): \(error.complaint)")
        }
    }
}

extension RasterImage.Flaw {
    fileprivate var complaint: String {
        let sides = RasterImage.sides
        return switch self {
        case .tooLarge: "the file has more than \(RasterImage.mostBytes / 1024) KiB."
        case .format: "the file is neither PNG nor JPEG nor WebP."
        case .dimensions:
            "each side must have \(sides.lowerBound) to \(sides.upperBound) pixels."
        case .animated: "the image moves."
        }
    }
}

extension Logos {
    /// The logos as commands print them.
    var shown: JSONValue {
        var object = JSONObject([("light", .string(light.text))])
        if let dark { object.add("dark", .string(dark.text)) }
        if let source { object.add("logo_uri", .string(source)) }
        return .object(object)
    }
}
