/// Reads the headers of images; every index is checked, so that no bytes can make it trap.
struct ImageHeader {
    /// How many pixels an image has.
    struct Size: Equatable {
        let width: Int
        let height: Int
    }

    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether some bytes stand at an offset, written as the characters of their values.
    func has(_ text: String, at offset: Int) -> Bool {
        let wanted = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        return offset + wanted.count <= bytes.count
            && bytes[offset..<offset + wanted.count].elementsEqual(wanted)
    }

    private func byte(_ offset: Int) -> Int? {
        offset < bytes.count ? Int(bytes[offset]) : nil
    }

    private func bigEndian(_ count: Int, at offset: Int) -> Int? {
        guard offset + count <= bytes.count else { return nil }
        return bytes[offset..<offset + count].reduce(0) { $0 << 8 | Int($1) }
    }

    private func littleEndian(_ count: Int, at offset: Int) -> Int? {
        guard offset + count <= bytes.count else { return nil }
        return bytes[offset..<offset + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    /// The size that the first chunk of a PNG tells (PNG third edition §11.2.1); a chunk that animates
    /// it stands before the pixels (§11.3.6).
    func png() throws(RasterImage.Flaw) -> Size? {
        guard has("IHDR", at: 12), bigEndian(4, at: 8) == 13,
            let width = bigEndian(4, at: 16), let height = bigEndian(4, at: 20)
        else { return nil }
        var offset = 8
        while let length = bigEndian(4, at: offset), !has("IDAT", at: offset + 4) {
            if has("acTL", at: offset + 4) { throw .animated }
            offset += 12 + length
        }
        return has("IDAT", at: offset + 4) ? Size(width: width, height: height) : nil
    }

    /// The size that the frame header of a JPEG tells (ITU-T T.81 §B.2.2).
    func jpeg() -> Size? {
        var offset = 2
        while byte(offset) == 0xFF, let marker = byte(offset + 1) {
            switch marker {
            case 0xFF:
                offset += 1
            case 0xC0...0xCF where ![0xC4, 0xC8, 0xCC].contains(marker):
                guard let height = bigEndian(2, at: offset + 5),
                    let width = bigEndian(2, at: offset + 7)
                else { return nil }
                return Size(width: width, height: height)
            case 0xE0...0xEF, 0xFE, 0xDB, 0xC4, 0xDD, 0xCC:
                guard let length = bigEndian(2, at: offset + 2), length >= 2 else { return nil }
                offset += 2 + length
            default:
                return nil
            }
        }
        return nil
    }

    /// The size that a WebP tells, in whichever of its three forms it is (RFC 9649 §2.5 to §2.7).
    func webP() throws(RasterImage.Flaw) -> Size? {
        if has("VP8X", at: 12) {
            guard let flags = byte(20), let width = littleEndian(3, at: 24),
                let height = littleEndian(3, at: 27)
            else { return nil }
            guard flags & 0x02 == 0 else { throw .animated }
            return Size(width: width + 1, height: height + 1)
        }
        if has("VP8L", at: 12), byte(20) == 0x2F, let bits = littleEndian(4, at: 21) {
            return Size(width: (bits & 0x3FFF) + 1, height: (bits >> 14 & 0x3FFF) + 1)
        }
        if has("VP8 ", at: 12), has("\u{9D}\u{01}\u{2A}", at: 23),
            let width = littleEndian(2, at: 26), let height = littleEndian(2, at: 28)
        {
            return Size(width: width & 0x3FFF, height: height & 0x3FFF)
        }
        return nil
    }
}
