/// Numbers (RFC 8259 §6).
extension JSONReader {
    /// The longest number in bytes; exact integers and doubles need far less.
    private static var longestNumber: Int { 128 }

    mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        let isNegative = take(UInt8(ascii: "-"))
        let digits = try integerDigits()
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            try someDigits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try someDigits()
        }
        if isInteger, let integer = integer(digits, isNegative: isNegative) {
            return .integer(integer)
        }
        let text = bytes[start..<position]
        guard text.count <= Self.longestNumber,
            let number = Double(String(decoding: text, as: UTF8.self)), number.isFinite
        else { throw error(.numberOutOfRange) }
        return .number(number)
    }

    /// Reads `0`, or digits that do not begin with it.
    private mutating func integerDigits() throws(JSONError) -> Range<Int> {
        let start = position
        if !take(UInt8(ascii: "0")) { try someDigits() }
        return start..<position
    }

    private mutating func someDigits() throws(JSONError) {
        let start = position
        while let byte = next, isDigit(byte) { position += 1 }
        guard position > start else { throw error(.malformed) }
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    /// The value of the digits, unless 64 bits cannot hold it.
    private func integer(_ digits: Range<Int>, isNegative: Bool) -> Int64? {
        var value: Int64 = 0
        for byte in bytes[digits] {
            let digit = Int64(byte - UInt8(ascii: "0"))
            let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, isTooLargeStill) =
                isNegative
                ? tens.subtractingReportingOverflow(digit) : tens.addingReportingOverflow(digit)
            guard !isTooLarge, !isTooLargeStill else { return nil }
            value = sum
        }
        return value
    }
}
