import Glibc

/// Where log lines go: each in one `write(2)`, so that lines of two threads never mix.
package struct LogSink: Sendable {
    /// Takes one line, its line feed included.
    package let write: @Sendable ([UInt8]) -> Void

    /// Makes a sink of a function that threads may call at the same time.
    package init(write: @escaping @Sendable ([UInt8]) -> Void) {
        self.write = write
    }

    /// Standard error: standard output belongs to what a command prints.
    package static let standardError = Self { line in
        var rest = line[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
            }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if written == 0 || errno != EINTR {
                // Nobody reads the log: there is nowhere to say so.
                return
            }
        }
    }

    /// Whether standard error is a terminal.
    package static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether standard error shows colours: a terminal, and no `NO_COLOR` (no-color.org).
    package static var showsColors: Bool {
        guard isTerminal else { return false }
        guard let setting = unsafe getenv("NO_COLOR") else { return true }
        return unsafe setting.pointee == 0
    }
}
