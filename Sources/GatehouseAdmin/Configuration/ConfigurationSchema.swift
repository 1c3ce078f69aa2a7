package import GatehouseEncoding

/// The JSON Schema of documents, made of what operations take.
package enum ConfigurationSchema {
    package static var json: JSONObject {
        [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Gatehouse configuration",
            "type": "object", "additionalProperties": false,
            "required": ["gatehouse", "managed_by", "tenants"],
            "properties": [
                "gatehouse": ["const": .integer(ReadConfiguration.version)],
                "managed_by": slug("What the configuration calls itself in its marks."),
                "tenants": [
                    "type": "object", "description": "Tenants, by their slugs.",
                    "additionalProperties": tenant,
                ],
            ],
        ]
    }

    private static var tenant: JSONValue {
        var properties = properties(of: .tenant)
        for noun in ConfigurationNoun.ofTenant {
            properties.add(noun.section, noun.isAlone ? thing(noun) : section(noun))
        }
        return object(properties)
    }

    private static func section(_ noun: ConfigurationNoun) -> JSONValue {
        [
            "type": "object", "description": .string("Each \(noun.word), by its name."),
            "additionalProperties": thing(noun),
        ]
    }

    private static func thing(_ noun: ConfigurationNoun) -> JSONValue {
        var properties = properties(of: noun)
        switch noun.name {
        case .organization:
            for inner in ConfigurationNoun.ofOrganization {
                properties.add(inner.section, section(inner))
            }
        case .client: addOfClient(to: &properties)
        default: break
        }
        return object(properties)
    }

    private static func addOfClient(to properties: inout JSONObject) {
        properties.add(
            "client_id",
            [
                "type": "string",
                "description": "Its id, where no mark of the configuration names it.",
            ])
        properties.add(
            "secret",
            [
                "type": "object", "additionalProperties": false,
                "required": ["write_to_file"],
                "description": "What becomes of the secret of a new client.",
                "properties": [
                    "write_to_file": [
                        "type": "string",
                        "description": "The file that is made for it; it must not exist.",
                    ]
                ],
            ])
        let exchange = ConfigurationNoun.exchangeMembers
        properties.add(
            "exchanges",
            [
                "type": "array", "description": "All that it may exchange (RFC 8693).",
                "items": [
                    "type": "object", "additionalProperties": false,
                    "required": .array(
                        exchange.filter(\.isRequired).map { .string($0.name) }),
                    "properties": .object(schemas(of: exchange)),
                ],
            ])
    }

    private static func properties(of noun: ConfigurationNoun) -> JSONObject {
        schemas(of: noun.members)
    }

    private static func schemas(of members: [Member]) -> JSONObject {
        JSONObject(members.map { ($0.name, $0.kind.schema(describedAs: $0.words)) })
    }

    private static func object(_ properties: JSONObject) -> JSONValue {
        [
            "type": "object", "additionalProperties": false, "properties": .object(properties),
        ]
    }

    private static func slug(_ words: String) -> JSONValue {
        [
            "type": "string", "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
            "description": .string(words),
        ]
    }
}
