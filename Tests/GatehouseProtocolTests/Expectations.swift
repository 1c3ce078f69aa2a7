import GatehouseProtocol

/// The error that the body throws, as the code that a client is told; nil if it throws none.
func refusalCode<Value>(_ body: () throws(OAuthError) -> Value) -> OAuthError.Code? {
    do throws(OAuthError) {
        _ = try body()
        return nil
    } catch {
        return error.code
    }
}

/// What makes the bytes unreadable as a form; nil if nothing does.
func malformation(_ bytes: some Sequence<UInt8>) -> FormParameters.Malformed? {
    do throws(FormParameters.Malformed) {
        _ = try FormParameters(decoding: bytes)
        return nil
    } catch {
        return error
    }
}

extension String {
    /// The text, repeated.
    func times(_ count: Int) -> String {
        String(repeating: self, count: count)
    }
}
