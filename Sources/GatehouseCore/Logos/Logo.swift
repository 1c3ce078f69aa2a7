/// An image that stands for somebody on the hosted pages, beside the name.
package struct Logo: Sendable, Identified {
    package typealias ID = Identifier<Logo>
    package static let identifierPrefix = "logo"

    /// A new one for each image, so that what is known by it never changes.
    package let id: ID
    package let image: RasterImage
    package let createdAt: Timestamp

    init(_ image: RasterImage, at now: Timestamp) {
        id = ID(at: now)
        self.image = image
        createdAt = now
    }

    init(id: ID, _ image: RasterImage, createdAt: Timestamp) {
        self.id = id
        self.image = image
        self.createdAt = createdAt
    }
}
