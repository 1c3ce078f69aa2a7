import GatehouseEncoding

/// Base64 has one text for one value, in both alphabets.
enum Base64Properties {
    private static let common = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    private static let urlAlphabet = Array((common + "-_").utf8)
    private static let standardAlphabet = Array((common + "+/").utf8)

    static func check(_ input: [UInt8]) throws(Violation) {
        try checkReading(input)
        try checkWriting(input)
    }

    private static func checkReading(_ input: [UInt8]) throws(Violation) {
        let bytes = Base64URL.decode(input)
        let independent = decode(input[...], urlAlphabet)
        try require(bytes == independent, "Base64url is what two readers say that it is.")
        if let bytes {
            let text = Base64URL.encode(bytes)
            try require(text.utf8.elementsEqual(input), "A value has one base64url text.")
        }
        let inside = [0x41] + input + [0x41]
        try require(Base64URL.decode(inside[1..<inside.count - 1]) == bytes, "A part is a text.")
        guard let text = String(validating: input, as: UTF8.self) else { return }
        try require(Base64URL.decode(text) == bytes, "A text is its bytes.")

        let padded = Base64.decode(text)
        if let padded {
            try require(Base64.encode(padded).utf8.elementsEqual(input), "A value has one text.")
        }
        let pads = input.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        let isPadded = input.count.isMultiple(of: 4) && pads <= 2
        let expected = isPadded ? decode(input.dropLast(pads), standardAlphabet) : nil
        try require(padded == expected, "Base64 is what two readers say that it is.")
    }

    private static func checkWriting(_ input: [UInt8]) throws(Violation) {
        let text = Base64URL.encode(input)
        try require(Base64URL.decode(text) == input, "What is written is read as it was.")
        try require(text.utf8.count == (input.count * 8 + 5) / 6, "No symbol is needless.")
        try require(text.utf8.allSatisfy(urlAlphabet.contains), "A text is of its alphabet.")
        var longer = Array("{}".utf8)
        Base64URL.append(input, to: &longer)
        try require(longer.elementsEqual(Array("{}".utf8) + text.utf8), "Appending only appends.")

        let padded = Base64.encode(input)
        try require(Base64.decode(padded) == input, "What is written is read as it was.")
        try require(padded.utf8.count.isMultiple(of: 4), "Base64 is padded.")
    }

    /// A second reader: it writes down the bits, and cuts them into bytes.
    private static func decode(_ text: ArraySlice<UInt8>, _ alphabet: [UInt8]) -> [UInt8]? {
        var bits: [Bool] = []
        for symbol in text {
            guard let value = alphabet.firstIndex(of: symbol) else { return nil }
            for place in (0..<6).reversed() { bits.append(value >> place & 1 == 1) }
        }
        let rest = bits.count % 8
        guard rest < 6, !bits.suffix(rest).contains(true) else { return nil }
        return stride(from: 0, to: bits.count - rest, by: 8).map { start in
            bits[start..<start + 8].reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
        }
    }
}
