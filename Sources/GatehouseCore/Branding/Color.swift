private import Foundation

/// A colour of a page, in sRGB, as stylesheets write it: `#1d4ed8`.
package struct Color: Sendable, Hashable {
    package let red: UInt8
    package let green: UInt8
    package let blue: UInt8

    static let black = Color(red: 0, green: 0, blue: 0)
    static let white = Color(red: 255, green: 255, blue: 255)

    init(red: UInt8, green: UInt8, blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// Reads `#` and three or six hexadecimal digits (CSS Color Level 4 §5.2), without transparency.
    package init?(parsing text: String) {
        guard text.utf8.first == UInt8(ascii: "#") else { return nil }
        self.init(digits: text.dropFirst())
    }

    /// Reads three or six hexadecimal digits.
    package init?(digits: Substring) {
        let values = digits.utf8.compactMap { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
            default: nil
            }
        }
        guard values.count == digits.utf8.count else { return nil }
        switch values.count {
        case 3: self.init(red: values[0] * 17, green: values[1] * 17, blue: values[2] * 17)
        case 6:
            self.init(
                red: values[0] << 4 | values[1], green: values[2] << 4 | values[3],
                blue: values[4] << 4 | values[5])
        default: return nil
        }
    }

    /// The six digits, in lower case.
    package var digits: String {
        [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The colour as stylesheets write it.
    package var text: String { "#" + digits }

    /// How much light it gives, from 0 to 1 (WCAG 2.2, “relative luminance”).
    var luminance: Double {
        let weights = [(red, 0.2126), (green, 0.7152), (blue, 0.0722)]
        return weights.reduce(0) { $0 + Self.linear($1.0) * $1.1 }
    }

    private static func linear(_ value: UInt8) -> Double {
        let share = Double(value) / 255
        return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }

    /// How well the one is told from the other, from 1 to 21 (WCAG 2.2, “contrast ratio”).
    package func contrast(with other: Color) -> Double {
        let (one, another) = (luminance, other.luminance)
        return (max(one, another) + 0.05) / (min(one, another) + 0.05)
    }

    /// A colour between two: so many hundredths of the other one.
    func mixed(with other: Color, hundredths: Int) -> Color {
        func mix(_ one: UInt8, _ another: UInt8) -> UInt8 {
            UInt8((Int(one) * (100 - hundredths) + Int(another) * hundredths + 50) / 100)
        }
        return Color(
            red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue))
    }
}
