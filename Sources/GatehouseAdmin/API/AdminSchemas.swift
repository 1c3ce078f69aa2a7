import GatehouseEncoding

extension Member.Kind {
    /// What it may be, as a JSON schema.
    var schema: JSONValue {
        switch self {
        case .text: ["type": "string"]
        case .file: ["type": "string", "contentEncoding": "base64"]
        case .flag: ["type": "boolean"]
        case .number(let range): Self.wholeNumber(range)
        case .choice(let choices):
            ["type": "string", "enum": .array(choices.map { .string($0) })]
        case .texts: Self.textList
        case .textsOr(let words):
            ["anyOf": [Self.textList, ["enum": .array(words.map { .string($0) })]]]
        case .numberOr(let range, let word):
            ["anyOf": [Self.wholeNumber(range), ["const": .string(word)]]]
        case .object: ["type": "object"]
        case .objects: ["type": "array", "items": ["type": "object"]]
        case .describedNames:
            ["type": "object", "additionalProperties": ["type": "string"]]
        }
    }

    func schema(describedAs words: String) -> JSONValue {
        var object = schema.object ?? JSONObject()
        object.add("description", .string(words))
        return .object(object)
    }

    private static let textList: JSONValue = ["type": "array", "items": ["type": "string"]]

    private static func wholeNumber(_ range: ClosedRange<Int64>) -> JSONValue {
        [
            "type": "integer", "minimum": .integer(range.lowerBound),
            "maximum": .integer(range.upperBound),
        ]
    }
}

extension Shape {
    /// The shape as other schemas name it.
    var reference: JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

    /// Adds its schema, and those of what it holds.
    func addSchemas(to schemas: inout JSONObject) {
        let required = fields.filter { !$0.isOptional }.map { JSONValue.string($0.name) }
        schemas.add(
            name,
            [
                "type": "object", "description": .string(words), "required": .array(required),
                "additionalProperties": false,
                "properties": .object(JSONObject(fields.map { ($0.name, $0.schema) })),
            ])
        for field in fields {
            switch field.kind {
            case .object(let shape), .list(let shape): shape.addSchemas(to: &schemas)
            default: break
            }
        }
    }
}

extension Field {
    fileprivate var schema: JSONValue {
        var object = kind.schema.object ?? JSONObject()
        if isNullable {
            object = ["anyOf": [.object(object), ["type": "null"]]]
        }
        object.add("description", .string(words))
        return .object(object)
    }
}

extension Field.Kind {
    fileprivate var schema: JSONValue {
        switch self {
        case .text: ["type": "string"]
        case .flag: ["type": "boolean"]
        case .number: ["type": "integer"]
        case .time: ["type": "string", "format": "date-time"]
        case .texts: Self.textList
        case .choice(let choices):
            ["type": "string", "enum": .array(choices.map { .string($0) })]
        case .object(let shape): ["allOf": [shape.reference]]
        case .list(let shape): ["type": "array", "items": shape.reference]
        case .anyObject: ["type": "object"]
        case .anyObjects: ["type": "array", "items": ["type": "object"]]
        case .textsOr: ["anyOf": [Self.textList, ["type": "string"]]]
        case .numberOr: ["anyOf": [["type": "integer"], ["type": "string"]]]
        case .describedNames:
            ["type": "object", "additionalProperties": ["type": "string"]]
        }
    }

    private static let textList: JSONValue = ["type": "array", "items": ["type": "string"]]
}
