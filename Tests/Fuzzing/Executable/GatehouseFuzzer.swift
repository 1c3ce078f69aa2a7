import CLibFuzzer
import GatehouseFuzzing
import Glibc

/// Hands the target that `GATEHOUSE_FUZZ_TARGET` names to libFuzzer, with its arguments.
@main
struct GatehouseFuzzer {
    private static let target: FuzzTarget? = {
        let name = getenv("GATEHOUSE_FUZZ_TARGET").map { String(cString: $0) }
        return FuzzTarget.all.first { $0.name == name }
    }()

    static func main() {
        guard target != nil else {
            let names = FuzzTarget.all.map(\.name).joined(separator: ", ")
            write("GATEHOUSE_FUZZ_TARGET has to be one of: \(names).")
            exit(2)
        }
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? =
            CommandLine.unsafeArgv
        exit(LLVMFuzzerRunDriver(&count, &arguments) { GatehouseFuzzer.check($0, $1) })
    }

    /// Tries one input; a property that is broken ends the process as a trap does.
    private static func check(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        let input = Array(UnsafeBufferPointer(start: start, count: count))
        do throws(Violation) {
            try target?.check(input)
        } catch {
            write("\(target?.name ?? ""): this does not hold: \(error.description)")
            abort()
        }
        return 0
    }

    private static func write(_ message: String) {
        let line = Array("\(message)\n".utf8)
        // There is nobody to tell that standard error is closed.
        _ = Glibc.write(STDERR_FILENO, line, line.count)
    }
}
