import GatehouseAdmin
import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseSQL
import GatehouseWeb
import Glibc

/// Gets an operation done: by the server that has the data directory, or else here.
struct OperationRunner {
    let options: InstanceOptions

    /// Does it, and warns on standard error of what follows from it.
    func perform(_ operation: Operation) async throws -> JSONValue {
        let answer = try await answer(to: operation)
        for warning in answer.warnings { TextStream.error.write("gatehouse: \(warning)\n") }
        return answer.result
    }

    /// Does many, one after another, in an installation that is opened once if it has to be.
    func work<Result>(
        _ work: (@escaping PerformOperation) async throws -> Result
    ) async throws -> Result {
        guard try options.remote() == nil, let instance = try await openUnlessServed() else {
            return try await work { try await answer(to: $0) }
        }
        do {
            let result = try await work { try await perform($0, in: instance) }
            await instance.close()
            return result
        } catch {
            await instance.close()
            throw error
        }
    }

    /// The installation, opened here; nil if a server has it, which is to be asked.
    private func openUnlessServed() async throws -> OpenInstance? {
        let settings = try options.settings()
        return try await Patience.perform { () -> OpenInstance? in
            if settings.database == nil, let data = settings.data,
                await ControlSocket.isServed(data)
            {
                return nil
            }
            return try await OpenInstance.open(settings, at: Clock.system.now)
        }
    }

    private func answer(to operation: Operation) async throws -> Operation.Answer {
        if let remote = try options.remote() { return try await remote.perform(operation) }
        let settings = try options.settings()
        let opened = try await Patience.perform { () -> Found in
            // Whoever names a PostgreSQL database means that one, not the server's.
            if settings.database == nil, let data = settings.data,
                let result = try await ControlSocket.perform(operation, in: data)
            {
                return .answered(result)
            }
            return .opened(try await OpenInstance.open(settings, at: Clock.system.now))
        }
        switch opened {
        case .answered(let result): return result
        case .opened(let instance):
            do {
                let result = try await perform(operation, in: instance)
                await instance.close()
                return result
            } catch {
                await instance.close()
                throw error
            }
        }
    }

    /// The answer of a server, or the installation for us to work on.
    private enum Found {
        case answered(Operation.Answer)
        case opened(OpenInstance)
    }

    private func perform(
        _ operation: Operation, in instance: OpenInstance
    ) async throws -> Operation.Answer {
        let occasion = Occasion(
            now: Clock.system.now, requestID: Event.ID(at: Clock.system.now).text, address: nil)
        let setting = Operation.Setting(
            gatehouse: instance.gatehouse,
            addresses: InstanceAddresses(
                base: try await instance.baseURL(),
                tenantDomain: instance.settings.tenantDomain),
            facts: instance.facts(served: nil), occasion: occasion, keep: instance.copyState)
        return Operation.Answer(
            result: try await operation.perform(in: setting),
            warnings: setting.warnings.sentences)
    }
}

/// Waits a moment for a data directory that another process holds: a command lets go of it at once,
/// and a server that just starts will soon answer on its socket.
enum Patience {
    /// How often it is tried, a tenth of a second apart.
    private static let attempts = 20

    static func perform<Value>(_ work: () async throws -> Value) async throws -> Value {
        for _ in 1..<attempts {
            do {
                return try await work()
            } catch DatabaseError.unusable(let reason) where reason.contains(" is in use by ") {
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        return try await work()
    }
}
