/// A parser that strangers can reach, and what has to hold for every input it gets.
///
/// The fuzzer looks for an input that breaks it; the tests replay every input that is in
/// `Tests/Fuzzing/Corpora`, in the folder of the target's name.
package struct FuzzTarget: Sendable {
    /// The name: that of the corpus and of the dictionary.
    package let name: String
    /// Throws if the parser does with this input what it must not do.
    package let check: @Sendable ([UInt8]) throws(Violation) -> Void

    /// Every target there is.
    package static let all = [
        FuzzTarget(name: "addresses", check: AddressProperties.check),
        FuzzTarget(name: "base64", check: Base64Properties.check),
        FuzzTarget(name: "certificates", check: CertificateProperties.check),
        FuzzTarget(name: "cookies", check: CookieProperties.check),
        FuzzTarget(name: "dpop", check: DPoPProperties.check),
        FuzzTarget(name: "form", check: FormProperties.check),
        FuzzTarget(name: "jose", check: JOSEProperties.check),
        FuzzTarget(name: "json", check: JSONProperties.check),
        FuzzTarget(name: "redirect", check: RedirectProperties.check),
        FuzzTarget(name: "requestobject", check: RequestObjectProperties.check),
        FuzzTarget(name: "sector", check: SectorProperties.check),
    ]
}

/// A property that an input breaks.
package struct Violation: Error, CustomStringConvertible {
    /// The property, as a sentence that is not true.
    package let description: String
}

/// Demands a property.
func require(_ holds: Bool, _ property: StaticString) throws(Violation) {
    guard holds else { throw Violation(description: property.description) }
}

/// Demands that there is a value.
func require<Value>(_ value: Value?, _ property: StaticString) throws(Violation) -> Value {
    guard let value else { throw Violation(description: property.description) }
    return value
}

/// The texts of an input, one a line; bytes that are not UTF-8 become replacement characters.
func lines(of input: [UInt8]) -> [String] {
    input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
}
