/// An image of pixels, as far as its header tells: what kind it is, and how large.
///
/// The bytes stay as they came. Kinds that can hold programs (SVG) are none of these, and what follows
/// the header is never run: an image goes out with its own type and `nosniff`.
package struct RasterImage: Sendable, Hashable {
    /// The kinds that every browser shows.
    package enum Format: String, Sendable, CaseIterable {
        case png = "image/png"
        case jpeg = "image/jpeg"
        case webP = "image/webp"
    }

    /// What is wrong with an image.
    package enum Flaw: String, Error, Sendable, CaseIterable {
        /// It has more bytes than ``RasterImage/mostBytes``.
        case tooLarge = "too_large"
        /// It is neither PNG nor JPEG nor WebP, or breaks off in the header.
        case format
        /// A side has fewer pixels than ``RasterImage/sides`` or more.
        case dimensions
        /// It moves.
        case animated
    }

    /// The most bytes of an image.
    package static let mostBytes = 256 * 1024
    /// How many pixels a side may have.
    ///
    /// Few bytes can say that they are very many pixels, which every browser would have to find memory
    /// for.
    package static let sides = 16...2_048

    package let format: Format
    package let width: Int
    package let height: Int
    package let bytes: [UInt8]

    /// Reads the header of an image.
    package init(parsing bytes: [UInt8]) throws(Flaw) {
        guard bytes.count <= Self.mostBytes else { throw .tooLarge }
        let header = ImageHeader(bytes)
        let (format, size): (Format, ImageHeader.Size?)
        if header.has("\u{89}PNG\r\n\u{1A}\n", at: 0) {
            (format, size) = (.png, try header.png())
        } else if header.has("\u{FF}\u{D8}\u{FF}", at: 0) {
            (format, size) = (.jpeg, header.jpeg())
        } else if header.has("RIFF", at: 0), header.has("WEBP", at: 8) {
            (format, size) = (.webP, try header.webP())
        } else {
            throw .format
        }
        guard let size else { throw .format }
        guard Self.sides.contains(size.width), Self.sides.contains(size.height) else {
            throw .dimensions
        }
        self.format = format
        width = size.width
        height = size.height
        self.bytes = bytes
    }

    /// Takes an image that was stored.
    init(stored bytes: [UInt8], format: Format, width: Int, height: Int) {
        self.format = format
        self.width = width
        self.height = height
        self.bytes = bytes
    }
}
