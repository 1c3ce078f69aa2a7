extension String {
    /// The text of some bytes; nil unless they are UTF-8.
    ///
    /// ASCII, which nearly everything of a protocol is, needs no more than a look at each byte.
    public init?(utf8 bytes: ArraySlice<UInt8>) {
        if bytes.reduce(0, |) < 0x80 {
            self.init(decoding: bytes, as: UTF8.self)
        } else {
            self.init(validating: bytes, as: UTF8.self)
        }
    }
}
