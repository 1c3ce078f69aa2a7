private import Dispatch
private import Foundation
private import Synchronization

/// The threads that hash passwords: first come, first served, and after everything else that the
/// process has to do.
final class HashingThreads: Sendable {
    /// How much they give way: a thread of another kind that wants the processor gets all but a
    /// thirtieth of it (setpriority(2)).
    private static let niceness: Int32 = 15

    private struct State {
        var isOver = false
        var waiting: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())
    private let signal = DispatchSemaphore(value: 0)
    private let count: Int

    init(_ count: Int) {
        self.count = count
        for number in 0..<count {
            let thread = Thread { [self] in work() }
            thread.name = "passwords-\(number)"
            thread.start()
        }
    }

    /// Runs the work on the next thread that is free.
    func run(_ work: @escaping @Sendable () -> Void) {
        state.withLock { $0.waiting.append(work) }
        signal.signal()
    }

    /// Lets the threads finish what waits, and ends them.
    func end() {
        state.withLock { $0.isOver = true }
        for _ in 0..<count { signal.signal() }
    }

    private func work() {
        // On Linux this is about the thread alone. Where it is refused, all are equal as before.
        setpriority(Int32(PRIO_PROCESS.rawValue), 0, Self.niceness)
        while true {
            signal.wait()
            let (next, isOver) = state.withLock { state in
                (state.waiting.isEmpty ? nil : state.waiting.removeFirst(), state.isOver)
            }
            if let next {
                next()
            } else if isOver {
                return
            }
        }
    }
}
