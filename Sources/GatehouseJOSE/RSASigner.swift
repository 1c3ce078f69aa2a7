private import COpenSSL
private import Synchronization

/// Signs with an RSA key through OpenSSL's libcrypto, which is in the process already for the sake
/// of libpq.
///
/// The library that does everything else, BoringSSL in swift-crypto, takes twice as long for an
/// RSA signature: about 430 µs against 205 µs with 2048 bits.
final class RSASigner: Sendable {
    /// A handle of OpenSSL's.
    ///
    /// A key may be used by many threads, a context by one at a time.
    // Safe: OpenSSL counts references to a key and locks what it changes in one; a context is in
    // the hands of whoever took it out of the list, and of nobody else.
    @safe private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private let key: Handle
    private let isProbabilistic: Bool
    /// Contexts that are made and not in use: making one takes longer than all around it.
    private let contexts = Mutex<[Handle]>([])

    /// Takes the DER of a PKCS#8 private key; PSS (RFC 8017 §8.1) if so wished, else PKCS#1 v1.5.
    init(pkcs8 bytes: [UInt8], isProbabilistic: Bool) throws(JOSEError) {
        let pointer = unsafe bytes.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var start = buffer.baseAddress
            return unsafe d2i_AutoPrivateKey(nil, &start, buffer.count)
        }
        guard let pointer = unsafe pointer else { throw .malformedKey }
        key = unsafe Handle(pointer: pointer)
        self.isProbabilistic = isProbabilistic
    }

    deinit {
        for context in contexts.withLock({ $0 }) { unsafe EVP_PKEY_CTX_free(context.pointer) }
        unsafe EVP_PKEY_free(key.pointer)
    }

    /// The signature of a SHA-256 digest.
    func signature(ofDigest digest: [UInt8]) throws(JOSEError) -> [UInt8] {
        let idle = contexts.withLock { $0.popLast() }
        let context = if let idle { idle } else { try makeContext() }
        var length = unsafe Int(EVP_PKEY_get_size(key.pointer))
        var signature = [UInt8](repeating: 0, count: length)
        let isSigned = unsafe EVP_PKEY_sign(
            context.pointer, &signature, &length, digest, digest.count)
        guard isSigned == 1 else {
            unsafe EVP_PKEY_CTX_free(context.pointer)
            throw .signingFailed
        }
        contexts.withLock { $0.append(context) }
        return Array(signature.prefix(length))
    }

    private func makeContext() throws(JOSEError) -> Handle {
        guard let context = unsafe EVP_PKEY_CTX_new(key.pointer, nil) else {
            throw .signingFailed
        }
        let padding = isProbabilistic ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING
        guard unsafe EVP_PKEY_sign_init(context) == 1,
            unsafe EVP_PKEY_CTX_set_rsa_padding(context, padding) == 1,
            unsafe EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1,
            // As long as the digest (RFC 7518 §3.5).
            unsafe !isProbabilistic || EVP_PKEY_CTX_set_rsa_pss_saltlen(context, -1) == 1
        else {
            unsafe EVP_PKEY_CTX_free(context)
            throw .signingFailed
        }
        return unsafe Handle(pointer: context)
    }
}
