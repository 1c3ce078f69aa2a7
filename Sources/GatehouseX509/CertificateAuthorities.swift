private import COpenSSL

/// The authorities whose word about who somebody is is taken, and what they have to say.
package final class CertificateAuthorities: Sendable {
    /// A store of OpenSSL's.
    // Safe: OpenSSL counts references to a store and locks it; nothing is added once it is made.
    @safe private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// How many certificates may stand between one and its authority.
    package static let mostIntermediates = 4
    /// Keys and digests worth 112 bits: RSA of 2048 bits and up, and neither MD5 nor SHA-1
    /// (`X509_VERIFY_PARAM_set_auth_level`).
    private static let strength: Int32 = 2

    private let store: Handle

    /// Takes the certificates of the authorities; nil if there are none, or not for OpenSSL.
    package init?(_ certificates: [Certificate]) {
        guard !certificates.isEmpty, let pointer = unsafe X509_STORE_new() else { return nil }
        store = unsafe Handle(pointer: pointer)
        for certificate in certificates {
            guard unsafe X509_STORE_add_cert(pointer, certificate.handle.pointer) == 1 else {
                return nil
            }
        }
    }

    deinit {
        unsafe X509_STORE_free(store.pointer)
    }

    /// Until when one of the authorities vouches for a certificate that is to show who a client is,
    /// in seconds since 1970; nil if none does at the moment.
    ///
    /// That is path validation (RFC 5280 §6) by OpenSSL: signatures, times, the constraints of each
    /// authority, names that it may certify, and what the certificates are for: if they say it,
    /// `clientAuth` has to be among it. An authority of the list need not be a root.
    package func vouch(
        for certificate: Certificate, through intermediates: [Certificate], at now: Int64
    ) -> Int64? {
        guard intermediates.count <= Self.mostIntermediates,
            let context = unsafe X509_STORE_CTX_new()
        else { return nil }
        defer { unsafe X509_STORE_CTX_free(context) }
        // The certificates stay whose they are: the list holds no reference of its own.
        guard let chain = unsafe OPENSSL_sk_new_null() else { return nil }
        defer { unsafe OPENSSL_sk_free(chain) }
        for intermediate in intermediates {
            unsafe OPENSSL_sk_push(chain, UnsafeRawPointer(intermediate.handle.pointer))
        }
        guard
            unsafe X509_STORE_CTX_init(
                context, store.pointer, certificate.handle.pointer, chain) == 1,
            let parameters = unsafe X509_STORE_CTX_get0_param(context),
            unsafe X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_CLIENT) == 1,
            unsafe X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_PARTIAL_CHAIN)) == 1
        else { return nil }
        unsafe X509_VERIFY_PARAM_set_time(parameters, time_t(now))
        unsafe X509_VERIFY_PARAM_set_depth(parameters, Int32(Self.mostIntermediates))
        unsafe X509_VERIFY_PARAM_set_auth_level(parameters, Self.strength)
        let isGood = withExtendedLifetime((certificate, intermediates)) {
            unsafe X509_verify_cert(context) == 1
        }
        // What went wrong is in a queue of the thread, where the next use of OpenSSL would find it.
        ERR_clear_error()
        return isGood ? unsafe Self.end(of: context, at: now) : nil
    }

    /// When the first certificate of the chain ends.
    @unsafe private static func end(of context: OpaquePointer, at now: Int64) -> Int64? {
        guard let chain = unsafe X509_STORE_CTX_get0_chain(context),
            let start = unsafe ASN1_TIME_set(nil, time_t(now))
        else { return nil }
        defer { unsafe ASN1_STRING_free(start) }
        var ends: [Int64] = []
        for index in unsafe 0..<OPENSSL_sk_num(chain) {
            var (days, seconds) = (Int32(0), Int32(0))
            guard let certificate = unsafe OPENSSL_sk_value(chain, index),
                let end = unsafe X509_get0_notAfter(OpaquePointer(certificate)),
                unsafe ASN1_TIME_diff(&days, &seconds, start, end) == 1
            else { return nil }
            ends.append(now + Int64(days) * 86_400 + Int64(seconds))
        }
        return ends.min()
    }
}
