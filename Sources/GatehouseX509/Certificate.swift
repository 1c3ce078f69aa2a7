private import COpenSSL

/// A certificate (RFC 5280), read by OpenSSL's libcrypto, which is in the process already for the
/// sake of libpq.
///
/// Reading it proves nothing: whoever has a copy can show it.
package final class Certificate: Sendable {
    /// A certificate of OpenSSL's.
    // Safe: OpenSSL locks what it remembers in a certificate, and nothing else in it is changed.
    @safe struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// The largest certificate in bytes: several times the longest honest one.
    package static let mostBytes = 16 * 1024

    /// The certificate as it was shown, in DER.
    package let der: [UInt8]
    let handle: Handle

    /// Reads one certificate and nothing beside it; nil if it is malformed.
    package init?(der: [UInt8]) {
        guard (1...Self.mostBytes).contains(der.count) else { return nil }
        let read = unsafe der.withUnsafeBufferPointer { buffer -> (OpaquePointer?, Int) in
            var start = buffer.baseAddress
            let certificate = unsafe d2i_X509(nil, &start, buffer.count)
            let length = unsafe buffer.baseAddress.flatMap { base in
                unsafe start.map { unsafe $0 - base }
            }
            return unsafe (certificate, length ?? 0)
        }
        guard let pointer = unsafe read.0 else {
            // What went wrong is in a queue of the thread, where the next use of OpenSSL would find it.
            ERR_clear_error()
            return nil
        }
        self.der = der
        handle = unsafe Handle(pointer: pointer)
        // What follows would be shown by one reader and not by another.
        guard unsafe read.1 == der.count else { return nil }
    }

    deinit {
        unsafe X509_free(handle.pointer)
    }

    /// One attribute of a name: its type as a dotted number, and its value as text.
    package struct Attribute: Sendable, Hashable {
        package let type: String
        package let value: String
    }

    /// The name of whom it is about: attributes that stand together, the broadest first (RFC 5280
    /// §4.1.2.6); nil if one of them cannot be read.
    package var subject: [[Attribute]]? {
        guard let name = unsafe X509_get_subject_name(handle.pointer) else { return nil }
        var parts: [[Attribute]] = []
        var last: Int32 = -1
        for index in unsafe 0..<X509_NAME_entry_count(name) {
            guard let entry = unsafe X509_NAME_get_entry(name, index),
                let attribute = unsafe Self.attribute(entry)
            else { return nil }
            let place = unsafe X509_NAME_ENTRY_set(entry)
            if place == last, !parts.isEmpty {
                parts[parts.count - 1].append(attribute)
            } else {
                parts.append([attribute])
            }
            last = place
        }
        return parts
    }

    @unsafe private static func attribute(_ entry: OpaquePointer) -> Attribute? {
        guard let object = unsafe X509_NAME_ENTRY_get_object(entry),
            let data = unsafe X509_NAME_ENTRY_get_data(entry)
        else { return nil }
        var type = [CChar](repeating: 0, count: 128)
        let length = unsafe OBJ_obj2txt(&type, Int32(type.count), object, 1)
        guard (1..<Int32(type.count)).contains(length) else { return nil }
        var text: UnsafeMutablePointer<UInt8>?
        let size = unsafe ASN1_STRING_to_UTF8(&text, data)
        guard size >= 0, let text = unsafe text else { return nil }
        defer { unsafe CRYPTO_free(text, nil, 0) }
        let bytes = unsafe Array(UnsafeBufferPointer(start: text, count: Int(size)))
        guard let value = String(validating: bytes, as: UTF8.self) else { return nil }
        let name = type.prefix(Int(length)).map { UInt8(bitPattern: $0) }
        return Attribute(type: String(decoding: name, as: UTF8.self), value: value)
    }

    /// Another name of whom it is about (RFC 5280 §4.2.1.6), byte for byte.
    package enum AlternativeName: Sendable, Hashable {
        case email([UInt8])
        case host([UInt8])
        case uri([UInt8])
        case address([UInt8])
    }

    /// The other names, as far as they are of a kind that is known here.
    package var alternativeNames: [AlternativeName] {
        guard
            let found = unsafe X509_get_ext_d2i(
                handle.pointer, NID_subject_alt_name, nil, nil)
        else { return [] }
        let names = OpaquePointer(found)
        defer { unsafe GENERAL_NAMES_free(names) }
        return unsafe (0..<OPENSSL_sk_num(names)).compactMap { index in
            unsafe OPENSSL_sk_value(names, index).flatMap { unsafe Self.alternativeName($0) }
        }
    }

    @unsafe private static func alternativeName(
        _ pointer: UnsafeMutableRawPointer
    ) -> AlternativeName? {
        var kind: Int32 = -1
        let name = unsafe pointer.assumingMemoryBound(to: GENERAL_NAME.self)
        guard let value = unsafe GENERAL_NAME_get0_value(name, &kind) else { return nil }
        let known = [GEN_EMAIL, GEN_DNS, GEN_URI, GEN_IPADD]
        guard known.contains(kind) else { return nil }
        let text = unsafe value.assumingMemoryBound(to: ASN1_STRING.self)
        let bytes = unsafe Array(
            UnsafeBufferPointer(
                start: ASN1_STRING_get0_data(text), count: Int(ASN1_STRING_length(text))))
        return switch kind {
        case GEN_EMAIL: .email(bytes)
        case GEN_DNS: .host(bytes)
        case GEN_URI: .uri(bytes)
        default: .address(bytes)
        }
    }
}
