import GatehouseEncoding
import GatehouseProtocol

/// A form is decoded once and in one way, and nothing in it is seen once that stands there twice.
enum FormProperties {
    private static let names: [ParameterName] = [
        .accessToken, .clientID, .clientSecret, .code, .codeChallenge, .codeVerifier, .grantType,
        .nonce, .redirectURI, .responseType, .scope, .state, "a",
    ]

    static func check(_ input: [UInt8]) throws(Violation) {
        let read = Result { () throws(FormParameters.Malformed) in
            try FormParameters(decoding: input)
        }
        let independent = IndependentForm(input)
        guard case .success(let form) = read else {
            try require(independent == nil, "What is refused as a form is none.")
            return
        }
        let other = try require(independent, "What is read as a form is one.")
        try require(form.encoded.isExactly(other.encoded), "A form is what two readers say.")
        try checkAgain(form)
        try checkNames(form, other)
        try RequestProperties.check(form, other, input)
    }

    /// What was decoded and encoded is the same form, so nothing is decoded twice.
    private static func checkAgain(_ form: FormParameters) throws(Violation) {
        let text = form.encoded
        let again = Result { () throws(FormParameters.Malformed) in
            try FormParameters(decoding: text.utf8)
        }
        guard case .success(let again) = again else {
            throw Violation(description: "What is encoded is a form.")
        }
        try require(again.encoded.isExactly(text), "What is encoded is the same form.")
        try require(again.hasRepetition == form.hasRepetition, "Repetition stays repetition.")
    }

    private static func checkNames(
        _ form: FormParameters, _ other: IndependentForm
    ) throws(Violation) {
        for name in names {
            let values = other.values(of: name.text.description)
            try require(form.contains(name) == !values.isEmpty, "A name is there or not.")
            try require(form.isRepeated(name) == (values.count > 1), "A name is there twice.")
            let expected = values.count == 1 && !values[0].isEmpty ? values[0] : nil
            try require(
                form[name].map { Array($0.utf8) } == expected, "A value is that of its name.")
            let required = Result { () throws(OAuthError) in try form.require(name) }
            try require((try? required.get()) == form[name], "What is required is what is there.")
            try require(!(form[name]?.utf8.contains(0) ?? false), "No value holds a NUL.")
        }
        try require(form.hasRepetition == other.hasRepetition, "No name is there twice unseen.")
    }
}

/// A second reader of forms: a state for each byte, and sets instead of comparisons.
struct IndependentForm {
    let pairs: [(name: [UInt8], value: [UInt8])]

    init?(_ input: [UInt8]) {
        var pairs: [(name: [UInt8], value: [UInt8])] = []
        for piece in input.split(separator: 0x26) {
            let sides = piece.split(
                separator: 0x3D, maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decode(sides[0]),
                let value = sides.count == 2 ? Self.decode(sides[1]) : []
            else { return nil }
            pairs.append((name, value))
        }
        guard pairs.count <= FormParameters.limit else { return nil }
        self.pairs = pairs
    }

    func values(of name: String) -> [[UInt8]] {
        pairs.filter { $0.name == Array(name.utf8) }.map(\.value)
    }

    var hasRepetition: Bool { hasRepetition(besides: []) }

    func hasRepetition(besides repeatable: [String]) -> Bool {
        let names = pairs.map(\.name).filter { !repeatable.map { Array($0.utf8) }.contains($0) }
        return Set(names).count < names.count
    }

    var encoded: String {
        pairs.map { Self.encode($0.name) + "=" + Self.encode($0.value) }.joined(separator: "&")
    }

    static func encode(_ bytes: [UInt8]) -> String {
        let text = bytes.flatMap { (byte: UInt8) -> [UInt8] in
            plain.contains(byte)
                ? [byte] : [0x25, digits[Int(byte) / 16], digits[Int(byte) % 16]]
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)
    private static let plain = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)

    static func decode(_ bytes: some Sequence<UInt8>) -> [UInt8]? {
        var decoded: [UInt8] = []
        var digits: [UInt8]?
        for byte in bytes {
            switch digits {
            case nil where byte == 0x25: digits = []
            case nil: decoded.append(byte == 0x2B ? 0x20 : byte)
            case .some(var begun):
                let uppercase = (0x61...0x66).contains(byte) ? byte - 32 : byte
                guard let digit = Self.digits.firstIndex(of: uppercase) else { return nil }
                begun.append(UInt8(digit))
                digits = begun.count == 2 ? nil : begun
                if begun.count == 2 { decoded.append(begun[0] * 16 + begun[1]) }
            }
        }
        let isText = String(validating: decoded, as: UTF8.self) != nil
        return digits == nil && isText && !decoded.contains(0) ? decoded : nil
    }
}
