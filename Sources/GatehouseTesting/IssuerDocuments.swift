private import GatehouseClient
private import GatehouseEncoding
private import GatehouseJOSE
internal import GatehouseProtocol
private import HTTPTypes
internal import Hummingbird
internal import NIOCore

extension FakeIssuer {
    /// What proofs have to carry, if they have to carry something.
    static let nonce = "nonce-of-the-fake-issuer"

    func metadata() -> Response {
        if misbehavior == .redirectedMetadata {
            return Response(status: .temporaryRedirect, headers: [.location: "/keys"])
        }
        let token =
            misbehavior == .unsafeEndpoint ? "http://example.com/token" : address + "/token"
        return .document(
            JSONWriter.object { json in
                json.add(
                    "issuer", misbehavior == .metadataOfAnother ? "https://a.test" : address)
                json.add("token_endpoint", token)
                for (name, path) in Self.endpoints { json.add(name, address + path) }
                json.add("authorization_response_iss_parameter_supported", true)
            })
    }

    private static let endpoints = [
        ("jwks_uri", "/keys"), ("authorization_endpoint", "/authorize"),
        ("userinfo_endpoint", "/userinfo"), ("introspection_endpoint", "/introspect"),
        ("revocation_endpoint", "/revoke"), ("end_session_endpoint", "/logout"),
        ("pushed_authorization_request_endpoint", "/par"),
        ("device_authorization_endpoint", "/device"), ("change_feed_endpoint", "/changes"),
    ]

    func publishedKeys() -> Response {
        let state = change { $0 }
        switch state.misbehavior {
        case .noKeySet: return Response(status: .serviceUnavailable)
        case .unreadableKeySet: return .document(Array("keys".utf8))
        case .hugeKeySet:
            let key = JSONValue.object(state.key.publicKey.jsonObject)
            let keys = JSONValue.array(Array(repeating: key, count: 1_000))
            return .document(JSONObject([("keys", keys)]).serialized())
        case .slowKeySet: return Self.dripping(pause: .milliseconds(50), bytes: 1)
        case .endlessKeySet: return Self.dripping(pause: .zero, bytes: 64 * 1024)
        default:
            let keys = [state.key] + state.formerKeys
            return .document(
                JSONWebKeySet(keys.map(\.publicKey)).jsonObject.serialized())
        }
    }

    /// A body that does not end.
    static func dripping(pause: Duration, bytes: Int) -> Response {
        Response(
            status: .ok,
            body: ResponseBody { writer in
                let part = ByteBuffer(repeating: UInt8(ascii: " "), count: bytes)
                while !Task.isCancelled {
                    try await writer.write(part)
                    try await Task.sleep(for: pause)
                }
                try await writer.finish(nil)
            })
    }

    func userInfo() -> Response {
        let state = change { $0 }
        return .document(
            JSONWriter.object { json in
                var person = state.person
                if state.misbehavior == .foreignSubject { person.subject = "usr_mallory" }
                person.write(to: &json)
            })
    }

    func introspect(_ form: FormParameters) -> Response {
        let (state, token) = (
            change { state in
                state.clientAddresses.append(form["client_address"])
                return state
            }, form["token"] ?? ""
        )
        return .document(
            JSONWriter.object { json in
                let isActive = !token.isEmpty && !state.revoked.contains(token)
                json.add("active", isActive)
                guard isActive else { return }
                if !state.refreshTokens.keys.contains(token) { json.add("token_type", "Bearer") }
                json.add("aud", "api")
                json.add("exp", clock.time + 60)
                json.add("client_id", "app")
                json.add("scope", "read")
                state.person.write(to: &json)
            })
    }

    func push(_ body: ByteBufferView) -> Response {
        let name = change { state in
            let name = "urn:request:" + state.name("par")
            state.pushed[name] = String(decoding: body, as: UTF8.self)
            return name
        }
        var response = Response.document(
            JSONWriter.object { json in
                json.add("request_uri", name)
                json.add("expires_in", 60)
            })
        response.status = .created
        return response
    }

    func beginDevice() -> Response {
        .document(
            JSONWriter.object { json in
                json.add("device_code", "device")
                json.add("user_code", "WDJB-MJHT")
                json.add("verification_uri", address + "/type")
                json.add("expires_in", 600)
                json.add("interval", 5)
            })
    }
}
