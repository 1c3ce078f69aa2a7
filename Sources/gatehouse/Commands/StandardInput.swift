import Glibc

/// Reads a secret from standard input: never from an argument, which every process can see.
enum StandardInput {
    /// The longest line that is read, in bytes.
    private static let limit = 4_096

    /// One line, without its end; on a terminal, without showing what is typed.
    static func secret(_ prompt: String) throws(CommandError) -> String {
        let isTerminal = isatty(STDIN_FILENO) == 1
        var saved = termios()
        if isTerminal {
            TextStream.error.write(prompt + ": ")
            unsafe tcgetattr(STDIN_FILENO, &saved)
            var silent = saved
            silent.c_lflag &= ~tcflag_t(ECHO)
            unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        }
        defer {
            if isTerminal {
                unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved)
                TextStream.error.write("\n")
            }
        }
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while unsafe read(STDIN_FILENO, &byte, 1) == 1, byte != UInt8(ascii: "\n") {
            guard bytes.count < limit else {
                throw CommandError(.wrongUse, "The line on standard input is too long.")
            }
            bytes.append(byte)
        }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.isEmpty, let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandError(.wrongUse, "Standard input holds no line of text.")
        }
        return text
    }
}
