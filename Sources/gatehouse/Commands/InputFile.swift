import Glibc

/// A file that a command reads piece by piece, or standard input, which is named `-`.
struct InputFile {
    private static let piece = 64 << 10

    private let descriptor: Int32
    private let path: String

    init(_ path: String) throws(CommandError) {
        self.path = path
        descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.unreadable(path) }
    }

    /// Hands all pieces on, one after another.
    func read(_ take: ([UInt8]) -> Void) throws(CommandError) {
        var buffer = [UInt8](repeating: 0, count: Self.piece)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.unreadable(path) }
            guard count > 0 else { return }
            take(Array(buffer.prefix(count)))
        }
    }

    /// The whole of a small file, as text.
    static func text(of path: String, upTo limit: Int) throws(CommandError) -> String {
        var bytes: [UInt8] = []
        try InputFile(path).read { if bytes.count <= limit { bytes += $0 } }
        guard bytes.count <= limit, let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandError(.wrongUse, "The file \(path) is too long, or no text.")
        }
        return text
    }

    private static func unreadable(_ path: String) -> CommandError {
        let reason = unsafe String(cString: strerror(errno))
        return CommandError(
            errno == ENOENT ? .notFound : .failed, "The file \(path) cannot be read: \(reason).")
    }
}
