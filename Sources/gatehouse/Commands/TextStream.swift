import Glibc

/// Standard output or standard error; what is written is out when `write` returns, also through a
/// pipe.
struct TextStream {
    private let descriptor: Int32

    static let output = TextStream(descriptor: STDOUT_FILENO)
    static let error = TextStream(descriptor: STDERR_FILENO)

    func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
