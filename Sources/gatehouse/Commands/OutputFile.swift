import Glibc

/// A file that a command makes, readable for its owner only, or standard output.
struct OutputFile {
    private let descriptor: Int32

    static let standardOutput = OutputFile(descriptor: STDOUT_FILENO)

    private init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Makes a file; one that is there already is left alone.
    init(creating path: String) throws(CommandError) {
        let opened = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard opened >= 0 else {
            throw errno == EEXIST
                ? CommandError(.conflict, "The file \(path) exists already.")
                : CommandError(.failed, "The file \(path) cannot be made: \(Self.reason()).")
        }
        descriptor = opened
    }

    /// Writes all of it, or says why not.
    func write(_ text: String) throws(CommandError) {
        guard TextStream.write(text, to: descriptor) else { throw Self.unwritten }
    }

    /// Sees to it that what was written is on the disk.
    func close() throws(CommandError) {
        guard descriptor != STDOUT_FILENO else { return }
        guard fsync(descriptor) == 0, Glibc.close(descriptor) == 0 else { throw Self.unwritten }
    }

    private static var unwritten: CommandError {
        CommandError(.failed, "The export could not be written: \(reason()).")
    }

    private static func reason() -> String { unsafe String(cString: strerror(errno)) }
}
