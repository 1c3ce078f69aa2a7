import GatehouseAdmin
import GatehouseCore
import GatehouseSQL
import GatehouseSQLite
import GatehouseWeb

/// Why a command did not do what it was asked: one sentence, and the exit code that scripts read.
struct CommandError: Error, CustomStringConvertible, OperationRefusal {
    let code: Code
    let description: String

    /// True if what was asked for does not exist.
    var isNotFound: Bool { code == .notFound }

    /// The exit codes, as `docs/reference/exit-codes.md` lists them.
    enum Code: Int32 {
        case failed = 1
        case wrongUse = 2
        case notFound = 3
        case conflict = 4
        case dataDirectory = 5
        case unavailable = 6
        case instanceKey = 7
        /// The installation is not what a configuration says.
        case differs = 8

        /// The name in JSON.
        var name: String {
            switch self {
            case .failed: "failed"
            case .wrongUse: "wrong_use"
            case .notFound: "not_found"
            case .conflict: "conflict"
            case .dataDirectory: "data_directory"
            case .unavailable: "unavailable"
            case .instanceKey: "instance_key"
            case .differs: "differs"
            }
        }

        init?(name: String) {
            let all: [Code] = [
                .failed, .wrongUse, .notFound, .conflict, .dataDirectory, .unavailable,
                .instanceKey, .differs,
            ]
            guard let code = all.first(where: { $0.name == name }) else { return nil }
            self = code
        }

        init(_ code: OperationError.Code) {
            self =
                switch code {
                case .failed: .failed
                case .wrongUse: .wrongUse
                case .notFound: .notFound
                case .conflict, .outdated: .conflict
                case .unavailable: .unavailable
                }
        }
    }

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// Says what an error of the parts below means to whoever runs a command.
    init(_ error: any Error) {
        switch error {
        case let error as CommandError: self = error
        case let error as OperationError: self.init(Code(error.code), error.description)
        case Instance.Unusable.wrongKey, is InstanceKeyError:
            self.init(
                .instanceKey,
                "The instance key is not the one that this database was made with.")
        case let error as DatabaseError: self.init(database: error)
        case let error as ConfigurationProblems: self.init(configuration: error)
        case let error as ClientRefusal: self.init(.wrongUse, error.description)
        case let error as ServerStartError: self.init(.failed, error.description)
        case is PasswordHasher.Busy:
            self.init(.unavailable, "Too many passwords wait to be hashed; try again.")
        default: self.init(.failed, "It failed: \(error)")
        }
    }

    /// All that is wrong with a document, up to ten of it, as one line.
    private init(configuration error: ConfigurationProblems) {
        let most = 10
        let told = error.problems.prefix(most).map { problem in
            (problem.line.map { "Line \($0): " } ?? "") + problem.sentence
        }
        let more = error.problems.count - told.count
        self.init(
            .wrongUse,
            (told + (more > 0 ? ["\(more) more are not told."] : [])).joined(separator: " "))
    }

    private init(database error: DatabaseError) {
        switch error {
        case .unavailable(let reason), .outcomeUnknown(let reason), .timedOut(let reason):
            self.init(
                .unavailable, "The database cannot be used now: \(Self.sentence(reason))")
        case .storageFull:
            self.init(.failed, "The disk is full; nothing was changed.")
        case .unusable(let reason):
            self.init(.dataDirectory, Self.sentence(reason))
        case .constraint(let reason), .statement(let reason), .unexpectedColumn(let reason):
            self.init(.failed, "The database refused: \(Self.sentence(reason))")
        }
    }

    /// A reason as one sentence that ends.
    private static func sentence(_ reason: String) -> String {
        reason.hasSuffix(".") ? reason : reason + "."
    }
}
