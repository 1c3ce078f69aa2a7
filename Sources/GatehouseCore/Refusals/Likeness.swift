/// Of what is registered, that which is most like what was sent, and where they differ.
package struct Likeness: Sendable, Hashable {
    package let nearest: String
    /// How many characters they have in common before the first that differs.
    package let differsAt: Int

    /// Nil if nothing is registered.
    package init?(of sent: String, among registered: [String]) {
        let scored = registered.map { text in
            let (start, end) = Self.common(Array(sent), Array(text))
            return (text: text, start: start, score: start + end)
        }
        guard let best = scored.max(by: { $0.score < $1.score }) else { return nil }
        nearest = best.text
        differsAt = best.start
    }

    /// How many characters two texts have in common at the start, and at the end of the rest.
    private static func common(_ one: [Character], _ other: [Character]) -> (Int, Int) {
        let start = zip(one, other).prefix { $0 == $1 }.count
        let rests = (one.dropFirst(start).reversed(), other.dropFirst(start).reversed())
        return (start, zip(rests.0, rests.1).prefix { $0 == $1 }.count)
    }
}
