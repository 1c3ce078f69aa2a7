package import GatehouseCore

/// What tells the time.
///
/// A surface reads it once for each request; nothing below a surface does.
package struct Clock: Sendable {
    private let read: @Sendable () -> Timestamp

    package init(_ read: @escaping @Sendable () -> Timestamp) {
        self.read = read
    }

    /// The time now.
    package var now: Timestamp { read() }
}
