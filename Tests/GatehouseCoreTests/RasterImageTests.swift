import Testing

@testable import GatehouseCore

/// Headers of images: which are read, and that no bytes make the reader trap.
@Suite("The header of an image")
struct RasterImageTests {
    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
        bigEndian(content.count) + Array(name.utf8) + content + [0, 0, 0, 0]
    }

    private static func bigEndian(_ number: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    static func png(_ width: Int, _ height: Int, before pixels: [UInt8] = []) -> [UInt8] {
        signature + chunk("IHDR", bigEndian(width) + bigEndian(height) + [8, 2, 0, 0, 0])
            + pixels + chunk("IDAT", [1, 2, 3])
    }

    static let jpeg: [UInt8] =
        [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2] + [0xFF, 0xFF, 0xC2, 0, 11, 8, 0, 32, 0, 64]
        + [1, 1, 0x11, 0]

    static func webP(_ form: String, _ content: [UInt8]) -> [UInt8] {
        Array("RIFF".utf8) + [0, 0, 0, 0] + Array("WEBP\(form)".utf8) + [0, 0, 0, 0] + content
    }

    static let good: [[UInt8]] = [
        png(64, 32), jpeg, webP("VP8X", [0, 0, 0, 0, 63, 0, 0, 31, 0, 0]),
        webP("VP8L", [0x2F, 63, 0xC0, 7, 0]),
        webP("VP8 ", [0, 0, 0, 0x9D, 0x01, 0x2A, 64, 0, 32, 0]),
    ]

    @Test("tells the size, in every form", arguments: good)
    func size(_ bytes: [UInt8]) throws {
        let image = try RasterImage(parsing: bytes)
        #expect(image.width == 64 && image.height == 32 && image.bytes == bytes)
    }

    @Test("is refused wherever it breaks off", arguments: good)
    func broken(_ bytes: [UInt8]) {
        let needed = bytes.count - 6
        for count in 0..<needed {
            let part = Array(bytes.prefix(count))
            // Some headers tell everything before their end, and then nothing wrong is told.
            guard let image = try? RasterImage(parsing: part) else { continue }
            #expect(image.width == 64 && image.height == 32)
        }
        #expect(throws: RasterImage.Flaw.format) {
            try RasterImage(parsing: Array(bytes.prefix(12)))
        }
    }

    @Test("never makes the reader trap, whichever byte of it is another", arguments: good)
    func altered(_ bytes: [UInt8]) {
        for index in bytes.indices {
            for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
                var altered = bytes
                altered[index] = value
                guard let image = try? RasterImage(parsing: altered) else { continue }
                #expect(RasterImage.sides.contains(image.width))
                #expect(RasterImage.sides.contains(image.height))
            }
        }
    }

    @Test("tells what moves, also behind chunks that say they are huge")
    func moving() {
        let animation = Self.chunk("acTL", Self.bigEndian(2) + Self.bigEndian(0))
        let huge = Self.bigEndian(0x7FFF_FFFF) + Array("tEXt".utf8)
        #expect(throws: RasterImage.Flaw.animated) {
            try RasterImage(parsing: Self.png(64, 64, before: animation))
        }
        #expect(throws: RasterImage.Flaw.format) {
            try RasterImage(parsing: Self.png(64, 64, before: huge))
        }
    }

    @Test("is refused if a side is too short or too long", arguments: [0, 15, 2_049, 0x7FFF_FFFF])
    func dimensions(_ side: Int) {
        #expect(throws: RasterImage.Flaw.dimensions) {
            try RasterImage(parsing: Self.png(side, 64))
        }
        #expect(throws: RasterImage.Flaw.dimensions) {
            try RasterImage(parsing: Self.png(64, side))
        }
    }

    @Test("may not be long")
    func length() {
        let bytes = Self.png(64, 64) + [UInt8](repeating: 0, count: RasterImage.mostBytes)
        #expect(throws: RasterImage.Flaw.tooLarge) { try RasterImage(parsing: bytes) }
    }
}
