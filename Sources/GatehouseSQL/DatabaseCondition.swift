/// How a database fares, as far as it tells.
package struct DatabaseCondition: Sendable, Hashable {
    /// What it says the time is, in milliseconds since 1970; nil if it has no clock of its own.
    package let time: Int64?
    /// Settings by which a power cut would lose or spoil what was committed, as `name = value`.
    package let unsafeSettings: [String]
    /// The room on the disk that it writes to; nil if it does not tell.
    package let space: Space?

    /// The room on a disk, in bytes.
    package struct Space: Sendable, Hashable {
        package let free: Int64
        package let all: Int64

        package init(free: Int64, all: Int64) {
            self.free = free
            self.all = all
        }
    }

    package init(time: Int64?, unsafeSettings: [String], space: Space?) {
        self.time = time
        self.unsafeSettings = unsafeSettings
        self.space = space
    }
}
