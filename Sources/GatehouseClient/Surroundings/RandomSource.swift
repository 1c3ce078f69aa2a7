private import GatehouseEncoding

/// Where an app takes what nobody can foretell: states, nonces, code verifiers, names of proofs.
public struct RandomSource: Sendable {
    private let draw: @Sendable (Int) -> [UInt8]

    /// Makes a source of what yields so many bytes.
    public init(_ draw: @escaping @Sendable (Int) -> [UInt8]) {
        self.draw = draw
    }

    /// The random numbers of the operating system.
    public static let system = RandomSource { count in
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// So many bytes.
    package func bytes(_ count: Int) -> [UInt8] { draw(count) }

    /// A secret of 256 bits as 43 characters, which are those of a code verifier (RFC 7636 §4.1).
    package func secret() -> String { Base64URL.encode(draw(32)) }
}
