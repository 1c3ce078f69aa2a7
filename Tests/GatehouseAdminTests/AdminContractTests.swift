import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import HTTPTypes
import Testing

@testable import GatehouseAdmin

extension AdminEndpoint: CustomTestStringConvertible {
    /// The name of its operation: a whole endpoint fills a page.
    public var testDescription: String { operation.rawValue }
}

@Suite struct `The contract of the admin API` {
    @Test func `offers every operation, but for what is done to files`() {
        let offered = Set(AdminEndpoint.all.map(\.operation))
        #expect(Set(Operation.Name.allCases).subtracting(offered) == [.keep])
        #expect(offered.count == AdminEndpoint.all.count)
    }

    @Test func `has one operation for each method and path`() {
        let places = AdminEndpoint.all.map { "\($0.method.rawValue) \($0.path)" }
        #expect(Set(places).count == places.count)
    }

    @Test func `asks for a role that fits what is done`() {
        for endpoint in AdminEndpoint.all {
            #expect((endpoint.method == .get) == (endpoint.power == .look))
            if !endpoint.concernsTenant, endpoint.operation != .showAdministrator {
                #expect(endpoint.concernsInstallation, "\(endpoint.path)")
            }
        }
    }

    @Test(arguments: AdminEndpoint.all)
    func `names each thing once`(_ endpoint: AdminEndpoint) {
        let arguments = endpoint.placeholders + endpoint.members.map(\.argument)
        #expect(Set(arguments).count == arguments.count, "\(endpoint.operation)")
        let names = endpoint.members.map(\.name)
        #expect(Set(names).count == names.count, "\(endpoint.operation)")
        let fields = endpoint.answer.shape?.fields.map(\.name) ?? []
        #expect(Set(fields).count == fields.count, "\(endpoint.operation)")
    }

    /// What a command asks for arrives as it was, whatever it holds.
    @Test(arguments: AdminEndpoint.all)
    func `is read as it is written`(_ endpoint: AdminEndpoint) throws {
        var arguments: [(String, JSONValue?)] = endpoint.placeholders.map {
            ($0, .string("a/b ?#%ü…@.~" + $0))
        }
        for member in endpoint.members {
            arguments.append((member.argument, member.kind.sample))
        }
        let request = try AdminRequest(Operation(endpoint.operation, arguments))
        #expect(request.method == endpoint.method.rawValue)
        let parts = request.target.split(separator: "?", maxSplits: 1).map(String.init)
        let read = try AdminArguments(
            endpoint, path: segments(of: parts[0], at: endpoint),
            query: FormParameters(decoding: (parts.count > 1 ? parts[1] : "").utf8),
            body: request.body)
        let sent = arguments.map { "\($0.0)=\(String(describing: $0.1))" }.sorted()
        #expect(
            read.values.map { "\($0.name)=\(String(describing: Optional($0.value)))" }.sorted()
                == sent)
    }

    private func segments(
        of path: String, at endpoint: AdminEndpoint
    ) throws -> [(name: String, value: String)] {
        let meant = "api/v1/\(endpoint.path)".split(separator: "/")
        let found = path.split(separator: "/")
        #expect(meant.count == found.count)
        return try zip(meant, found).compactMap { name, text in
            guard name.hasPrefix("{") else { return nil }
            let value = try #require(PathSegment.decoded(text))
            return (String(name.dropFirst().dropLast()), value)
        }
    }

    @Test func `says nothing of options of the command line`() throws {
        let endpoint = try #require(AdminEndpoint.byOperation[.createClient])
        #expect(
            endpoint.translated("Give --jwks or --jwks-uri; --redirect-uri and --other-thing.")
                == "Give jwks or jwks_uri; redirect_uris and other_thing.")
    }
}

@Suite struct `A path segment` {
    @Test(arguments: ["a", "ü/…", "%2e", "?#&=+ ", "\u{202E}", "..", "a\\b"])
    func `is read as it is written`(_ text: String) {
        let written = text.queryEncoded
        #expect(written.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") })
        #expect(PathSegment.decoded(written) == text)
    }

    @Test(arguments: ["%", "%4", "%zz", "a%0", "%00", "%ff", "%c3"])
    func `that is no text is none`(_ text: String) {
        #expect(PathSegment.decoded(text) == nil)
    }
}

extension Member.Kind {
    /// An argument of the kind.
    fileprivate var sample: JSONValue {
        switch self {
        case .text: "x y&=ü\"\\\u{1}"
        case .flag: true
        case .number(let range), .numberOr(let range, _):
            if case .number = self {
                .integer(range.upperBound)
            } else {
                .string(String(range.lowerBound))
            }
        case .choice(let choices): .string(choices[choices.count - 1])
        case .texts: ["a", "", "ü,b"]
        case .textsOr(let words): .array([.string(words[0])])
        case .object: #"{"a":[1,{"b":null}]}"#
        case .objects: [#"{"type":"payment"}"#]
        case .describedNames: ["a:b=See = it", "c=d"]
        case .file: "iVBORw0KGgo="
        }
    }
}
