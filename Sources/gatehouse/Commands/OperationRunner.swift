import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseSQL
import GatehouseWeb
import Glibc

/// Gets an operation done: by the server that has the data directory, or else here.
struct OperationRunner {
    let options: InstanceOptions

    func perform(_ operation: Operation) async throws -> JSONValue {
        let settings = try options.settings()
        if let data = settings.data,
            let result = try await ControlSocket.perform(operation, in: data)
        {
            return result
        }
        let instance = try await open(settings)
        do {
            let base = try await instance.baseURL().text
            let occasion = Occasion(
                now: Clock.system.now, requestID: Event.ID(at: Clock.system.now).text, address: nil)
            let result = try await operation.perform(
                in: Operation.Setting(
                    gatehouse: instance.gatehouse, baseURL: base, occasion: occasion,
                    keep: instance.copyState))
            await instance.close()
            return result
        } catch {
            await instance.close()
            throw error
        }
    }

    /// Opens the installation here.
    ///
    /// A command that runs at the same time lets go of the directory in a moment, so that is waited
    /// for.
    private func open(_ settings: Settings) async throws -> OpenInstance {
        var attempts = 0
        while true {
            do {
                return try await OpenInstance.open(settings, at: Clock.system.now)
            } catch DatabaseError.unusable(let reason) where attempts < 20 {
                guard reason.contains(" is in use by ") else {
                    throw DatabaseError.unusable(reason)
                }
                attempts += 1
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }
}
