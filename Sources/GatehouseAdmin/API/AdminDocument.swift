private import Synchronization
import GatehouseCore
package import GatehouseEncoding
package import GatehouseProtocol
import HTTPTypes

/// The contract of the admin API as an OpenAPI document (3.1), made from its endpoints.
package struct AdminDocument: Sendable {
    package let json: JSONObject

    /// The document of an installation.
    package init(base: BaseURL, version: String) {
        json = [
            "openapi": "3.1.0",
            "info": [
                "title": "Gatehouse admin API", "version": .string(version),
                "summary": "What operators do, for programs at a distance.",
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": .string(base.text + "/api/v1")]],
            "security": [["administratorKey": []]],
            "paths": .object(Self.paths), "components": .object(Self.components),
        ]
    }

    // MARK: Paths

    private static var paths: JSONObject {
        var methods: [(path: String, operations: JSONObject)] = []
        for endpoint in AdminEndpoint.all {
            let path = "/" + endpoint.path
            if !methods.contains(where: { $0.path == path }) { methods.append((path, [:])) }
            guard let place = methods.firstIndex(where: { $0.path == path }) else { continue }
            methods[place].operations.add(
                endpoint.method.rawValue.lowercased(), .object(endpoint.described))
        }
        return JSONObject(methods.map { ($0.path, .object($0.operations)) })
    }

    // MARK: Components

    private static var components: JSONObject {
        var schemas = JSONObject()
        for endpoint in AdminEndpoint.all {
            endpoint.answer.shape?.addSchemas(to: &schemas)
        }
        schemas.add("Problem", .object(problem))
        return [
            "schemas": .object(schemas),
            "securitySchemes": [
                "administratorKey": [
                    "type": "http", "scheme": "bearer",
                    "description":
                        "An administrator key, made by `gatehouse admin key create`.",
                ]
            ],
            "responses": [
                "Problem": [
                    "description": "It was not done (RFC 9457).",
                    "content": [
                        "application/problem+json": [
                            "schema": ["$ref": "#/components/schemas/Problem"]
                        ]
                    ],
                ]
            ],
        ]
    }

    private static var problem: JSONObject {
        let codes = JSONValue.array(Problem.Code.allCases.map { .string($0.rawValue) })
        return [
            "type": "object", "description": "Why something was not done (RFC 9457).",
            "required": ["type", "title", "status", "detail", "code", "request_id"],
            "additionalProperties": false,
            "properties": [
                "type": ["type": "string", "format": "uri", "description": "Read about it here."],
                "title": ["type": "string"], "status": ["type": "integer"],
                "detail": ["type": "string", "description": "What is the matter this time."],
                "code": ["type": "string", "enum": codes],
                "pointer": [
                    "type": "string",
                    "description": "The member of the body, or the parameter, that is wrong.",
                ],
                "request_id": ["type": "string", "description": "Where the log tells more."],
            ],
        ]
    }
}

extension AdminEndpoint {
    /// The operation as the document describes it.
    fileprivate var described: JSONObject {
        var object: JSONObject = [
            "operationId": .string(operation.rawValue.replacing(".", with: "_")),
            "tags": [.string(tag)], "summary": .string(summary),
            "description": .string(
                "Needs the role \(power.leastRole.rawValue)"
                    + (concernsInstallation ? ", for the whole installation." : ".")),
        ]
        if let page = PortalScreen.byOperation[operation]?.path {
            object.add("x-portal", .string("/admin/\(page)"))
        } else if let page = PortalScreen.elsewhere[operation] {
            object.add("x-portal", .string(page))
        }
        let parameters = parameters
        if !parameters.isEmpty { object.add("parameters", .array(parameters)) }
        if takesBody { object.add("requestBody", requestBody) }
        object.add("responses", .object(responses))
        return object
    }

    /// The noun that it is about.
    var tag: String { String(operation.rawValue.prefix { $0 != "." }) }

    private var parameters: [JSONValue] {
        var all: [JSONValue] = placeholders.map {
            Self.parameter($0, in: "path", ["type": "string", "minLength": 1], isRequired: true)
        }
        if !takesBody {
            all += members.map {
                Self.parameter(
                    $0.name, in: "query", $0.kind.schema, isRequired: $0.isRequired, $0.words)
            }
        }
        if isPaged {
            all.append(
                Self.parameter(
                    "limit", in: "query",
                    ["type": "integer", "minimum": 1, "maximum": 1000, "default": 100],
                    "How many to list."))
            all.append(
                Self.parameter(
                    "cursor", in: "query", ["type": "string"],
                    "Where to go on: next_cursor of the page before."))
        }
        if method != .get {
            all.append(
                Self.parameter(
                    "dry_run", in: "query", ["type": "boolean"],
                    "Answer as if it were done, and do nothing."))
        }
        if method == .post {
            all.append(
                Self.parameter(
                    "Idempotency-Key", in: "header",
                    [
                        "type": "string", "minLength": 1, "maxLength": 255,
                        "pattern": "^[!-~]{1,255}$",
                    ],
                    "Sent again with the same key within a day, the request is done once."))
        }
        if method == .patch || method == .delete {
            all.append(
                Self.parameter(
                    AdminRequest.managerHeader.description, in: "header", ["type": "string"],
                    "The configuration that asks for it: it is not warned of what it manages."))
        }
        if isRevised, method == .patch {
            all.append(
                Self.parameter(
                    "If-Match", in: "header", ["type": "string"],
                    "Change it only if it is what this ETag was given for."))
        }
        return all
    }

    private static func parameter(
        _ name: String, in place: String, _ schema: JSONValue, isRequired: Bool = false,
        _ words: String? = nil
    ) -> JSONValue {
        var object = JSONObject([("name", .string(name)), ("in", .string(place))])
        if isRequired { object.add("required", true) }
        if let words { object.add("description", .string(words)) }
        object.add("schema", schema)
        return .object(object)
    }

    private var requestBody: JSONValue {
        let required = members.filter(\.isRequired).map { JSONValue.string($0.name) }
        var schema: JSONObject = [
            "type": "object", "additionalProperties": false,
            "properties": .object(
                JSONObject(members.map { ($0.name, $0.kind.schema(describedAs: $0.words)) })),
        ]
        if !required.isEmpty { schema.add("required", .array(required)) }
        return [
            "required": true, "content": ["application/json": ["schema": .object(schema)]],
        ]
    }

    private var responses: JSONObject {
        var responses = JSONObject([
            (status, done)
        ])
        if isRevised, method == .get {
            responses.add("304", ["description": "It is what If-None-Match says."])
        }
        for code in problemStatuses {
            responses.add(code, ["$ref": "#/components/responses/Problem"])
        }
        return responses
    }

    private var done: JSONValue {
        ["description": "Done.", "content": ["application/json": ["schema": schema]]]
    }

    private var status: String { if case .new = answer { "201" } else { "200" } }

    private var problemStatuses: [String] {
        var codes = ["400", "401", "403", "404"]
        if method != .get { codes += ["409", "412", "413", "415"] }
        if method == .post { codes.append("422") }
        return codes + ["429", "500", "503"]
    }

    private var schema: JSONValue {
        switch answer {
        case .one(let shape), .new(let shape): shape.reference
        case .page(let shape, _):
            [
                "type": "object", "required": ["items", "next_cursor"],
                "additionalProperties": false,
                "properties": [
                    "items": ["type": "array", "items": shape.reference],
                    "next_cursor": ["type": ["string", "null"]],
                ],
            ]
        case .gone(let word):
            [
                "type": "object", "required": [.string(word)], "additionalProperties": false,
                "properties": .object(JSONObject([(word, ["type": "string"])])),
            ]
        }
    }
}

/// The document as an installation serves it: made when it is asked for the first time, so that no
/// start waits for what few ask for.
final class ServedDocument: Sendable {
    private let base: BaseURL
    private let version: String
    private let made = Mutex<[UInt8]?>(nil)

    init(base: BaseURL, version: String) {
        self.base = base
        self.version = version
    }

    var bytes: [UInt8] {
        made.withLock { made in
            let bytes = made ?? AdminDocument(base: base, version: version).json.serialized()
            made = bytes
            return bytes
        }
    }
}
