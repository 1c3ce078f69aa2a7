import NIOCore

/// Runs a task on the thread of an event loop.
///
/// The task of a connection runs on the thread that reads and writes it. So a request changes
/// threads only where it waits for something else, such as the database; each change would cost
/// more than most requests do.
final class EventLoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { [self] in
            unsafe job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
