import GatehouseEncoding

/// JSON is read as RFC 8259 says or not at all, and what is written is read as the same value.
enum JSONProperties {
    static func check(_ input: [UInt8]) throws(Violation) {
        let independent = IndependentJSON.read(input)
        switch Result(catching: { () throws(JSONError) in try JSONValue(parsing: input) }) {
        case .success(let value):
            let other = try require(independent, "What is read as JSON is JSON.")
            try require(!other.isRefusable, "What has no single meaning is refused.")
            try require(other.value == value, "A value is what two readers say that it is.")
            try checkWriting(value)
        case .failure(let error):
            try require(
                independent?.isRefusable ?? true, "What is refused is no JSON, or ambiguous.")
            try require((0...input.count).contains(error.offset), "An offset is in the input.")
            try require(
                error.reason != .malformed || independent == nil, "Only no JSON is malformed.")
        }
    }

    private static func checkWriting(_ value: JSONValue) throws(Violation) {
        let text = value.serialized()
        let again = Result { () throws(JSONError) in try JSONValue(parsing: text) }
        guard case .success(let again) = again else {
            throw Violation(description: "What is written is JSON.")
        }
        try require(again == value, "What is written is read as the same value.")
        try require(again.serialized() == text, "A value has one text.")
        try require(text.allSatisfy { $0 >= 0x20 }, "Control characters are escaped.")
        let scalars = String(decoding: text, as: UTF8.self).unicodeScalars
        try require(
            !scalars.contains { $0 == "\u{2028}" || $0 == "\u{2029}" }, "Line ends are escaped.")
        try checkWriter(value, text)
    }

    /// The two ways to write must not differ: one is for speed, one for values.
    private static func checkWriter(_ value: JSONValue, _ text: [UInt8]) throws(Violation) {
        if let object = value.object {
            let whole = JSONWriter.object { $0.add(object) }
            try require(whole == text, "The writer and the value write the same object.")
            let twice = JSONWriter.object {
                $0.add(object)
                $0.add(object)
            }
            try require(twice == text, "Of two members with one name the first one stands.")
            for member in object.members {
                try require(object[member.name] == member.value, "A member is found by its name.")
            }
        }
        if let elements = value.array {
            let whole = JSONWriter.array { array in
                for element in elements { array.add(element) }
            }
            try require(whole == text, "The writer and the value write the same array.")
        }
    }
}
