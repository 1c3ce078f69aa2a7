import Glibc
import NIOCore

/// Why the server cannot start, in one sentence that the operator can act on.
package enum ServerStartError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Something else listens there.
    case portInUse(HTTPServerSettings.Address)
    /// The system does not allow to listen there.
    case notPermitted(HTTPServerSettings.Address)
    /// The host is not one of this machine, or its name is unknown.
    case addressNotAvailable(HTTPServerSettings.Address)
    /// The system refuses for another reason, named by its error number.
    case cannotListen(HTTPServerSettings.Address, errno: Int32)
    /// The certificate file cannot be read or holds no certificate.
    case unusableCertificate(path: String)
    /// The key file cannot be read or holds no key.
    case unusablePrivateKey(path: String)
    /// The key is not the certificate's.
    case keyDoesNotFitCertificate(HTTPServerSettings.TLSFiles)

    /// One sentence that says what is wrong.
    package var description: String {
        switch self {
        case .portInUse(let address):
            "Cannot listen on \(address): the port is in use."
        case .notPermitted(let address):
            "Cannot listen on \(address): this user is not allowed to."
        case .addressNotAvailable(let address):
            "Cannot listen on \(address): this machine has no such address."
        case .cannotListen(let address, let errno):
            "Cannot listen on \(address): the system refuses with error \(errno)."
        case .unusableCertificate(let path):
            "Cannot use the certificate \(path): it is not a readable PEM certificate chain."
        case .unusablePrivateKey(let path):
            "Cannot use the private key \(path): it is not a readable PEM key."
        case .keyDoesNotFitCertificate(let files):
            "The private key \(files.privateKey) does not belong to the certificate "
                + "\(files.certificate)."
        }
    }

    /// Translates what NIO says about listening; `nil` when the error is about something else.
    init?(_ error: any Error, listeningOn address: HTTPServerSettings.Address) {
        switch error {
        case let error as IOError:
            switch error.errnoCode {
            case EADDRINUSE: self = .portInUse(address)
            case EACCES, EPERM: self = .notPermitted(address)
            case EADDRNOTAVAIL: self = .addressNotAvailable(address)
            default: self = .cannotListen(address, errno: error.errnoCode)
            }
        case is SocketAddressError: self = .addressNotAvailable(address)
        default: return nil
        }
    }
}
