import GatehouseCore
import GatehouseEncoding

/// Where the next page of a list begins, sealed: whoever has it can neither read it nor make one, and
/// it is good for the same list and the same key only.
struct PageCursor: Sendable {
    let instanceKey: InstanceKey
    /// What the cursor is for.
    private let use: String

    init(_ instanceKey: InstanceKey, for key: AdministratorKey, list: AdminArguments) {
        self.instanceKey = instanceKey
        use = "admin-cursor/\(key.id.text)/\(list.identity)"
    }

    /// The text of the cursor that begins after something.
    func text(after place: String) throws -> String {
        Base64URL.encode(try instanceKey.seal(Array(place.utf8), for: use))
    }

    /// After what the cursor begins.
    func place(_ text: String) throws(Problem) -> String {
        guard text.utf8.count <= 1_000, let sealed = Base64URL.decode(text),
            let place = try? instanceKey.open(sealed, for: use)  // the problem says what is wrong
        else { throw Problem(.invalidCursor, Problem.Code.invalidCursor.title, at: "cursor") }
        return String(decoding: place, as: UTF8.self)
    }
}
