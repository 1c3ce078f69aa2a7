import Foundation

/// A value that went through JSON.
func encodedAndDecoded<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
}
