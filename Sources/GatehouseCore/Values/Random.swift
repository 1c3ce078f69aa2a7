private import CSodium

/// The one source of randomness: the operating system's generator.
package enum Random {
    /// Bytes that nobody can foretell, in one call of the system.
    package static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        unsafe randombytes_buf(&bytes, count)
        return bytes
    }
}
