import Glibc

/// Standard output or standard error; what is written is out when `write` returns, also through a
/// pipe.
struct TextStream {
    private let descriptor: Int32

    static let output = TextStream(descriptor: STDOUT_FILENO)
    static let error = TextStream(descriptor: STDERR_FILENO)

    /// Writes as much as can be: whoever does not read on does not want the rest.
    func write(_ text: String) {
        _ = Self.write(text, to: descriptor)
    }

    /// Writes all of a text.
    ///
    /// - Returns: False if that cannot be done; `errno` says why.
    static func write(_ text: String, to descriptor: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
