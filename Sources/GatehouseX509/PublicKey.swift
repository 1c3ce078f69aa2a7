private import COpenSSL

extension Certificate {
    /// The public key of a certificate, in numbers that any library understands.
    package enum PublicKey: Sendable, Hashable {
        /// Big-endian, without leading zeros.
        case rsa(modulus: [UInt8], exponent: [UInt8])
        /// 32 bytes each.
        case p256(x: [UInt8], y: [UInt8])
        case ed25519([UInt8])
    }

    /// The public key; nil if it is malformed or of another kind.
    package var publicKey: PublicKey? {
        guard let key = unsafe X509_get0_pubkey(handle.pointer) else { return nil }
        switch unsafe EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA:
            guard let modulus = unsafe Self.number("n", of: key),
                let exponent = unsafe Self.number("e", of: key)
            else { return nil }
            return .rsa(modulus: modulus, exponent: exponent)
        case EVP_PKEY_EC:
            guard let point = unsafe Self.point(of: key) else { return nil }
            return .p256(x: Array(point[1..<33]), y: Array(point[33...]))
        case EVP_PKEY_ED25519:
            var bytes = [UInt8](repeating: 0, count: 32)
            var count = bytes.count
            guard unsafe EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1,
                count == bytes.count
            else { return nil }
            return .ed25519(bytes)
        default:
            return nil
        }
    }

    @unsafe private static func number(_ name: String, of key: OpaquePointer) -> [UInt8]? {
        var number: OpaquePointer?
        guard unsafe EVP_PKEY_get_bn_param(key, name, &number) == 1,
            let number = unsafe number
        else { return nil }
        defer { unsafe BN_free(number) }
        var bytes = [UInt8](repeating: 0, count: Int((unsafe BN_num_bits(number) + 7) / 8))
        return unsafe Int(BN_bn2bin(number, &bytes)) == bytes.count ? bytes : nil
    }

    /// The uncompressed point of a key on P-256: 4, and two times 32 bytes.
    @unsafe private static func point(of key: OpaquePointer) -> [UInt8]? {
        var group = [CChar](repeating: 0, count: 64)
        var length = 0
        guard
            unsafe EVP_PKEY_get_group_name(key, &group, group.count, &length) == 1,
            group.prefix(length).map({ UInt8(bitPattern: $0) }) == Array("prime256v1".utf8)
        else { return nil }
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = unsafe EVP_PKEY_get1_encoded_public_key(key, &bytes)
        guard let bytes = unsafe bytes else { return nil }
        defer { unsafe CRYPTO_free(bytes, nil, 0) }
        let point = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
        return point.count == 65 && point[0] == 4 ? point : nil
    }
}
