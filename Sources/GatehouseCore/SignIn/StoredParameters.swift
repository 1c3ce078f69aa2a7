import GatehouseEncoding
import GatehouseProtocol

/// The parameters of a request as they are stored: a list of names and values by turns, because a
/// name may repeat (RFC 8707 §2).
enum StoredParameters {
    /// Writes the parameters as a member of an object.
    static func add(
        _ name: String, _ parameters: [(ParameterName, String)], to json: inout JSONMembers
    ) {
        json.array(name) { list in
            for (name, value) in parameters {
                list.add(name.text.description)
                list.add(value)
            }
        }
    }

    /// Reads them again; an object is what was stored before one name could repeat.
    static func form(_ stored: JSONValue?) -> FormParameters? {
        if let members = stored?.object?.members {
            return FormParameters(members.map { ($0.name, $0.value.string ?? "") })
        }
        guard let texts = stored?.strings, texts.count.isMultiple(of: 2) else { return nil }
        return FormParameters(
            stride(from: 0, to: texts.count, by: 2).map { (texts[$0], texts[$0 + 1]) })
    }
}
