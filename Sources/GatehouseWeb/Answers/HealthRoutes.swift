package import GatehouseCore
import GatehouseEncoding
import GatehouseSQL
import HTTPTypes
package import Hummingbird

/// Tells whether this process lives, and whether it can do its work.
package struct HealthRoutes: Sendable {
    private let gatehouse: Gatehouse

    private static let live = "/livez"
    private static let ready = "/readyz"

    /// Whether a path is one of these: what asks there is a machine, and asks all the time.
    static func isProbe(_ path: Substring.UTF8View) -> Bool {
        path.elementsEqual(live.utf8) || path.elementsEqual(ready.utf8)
    }

    package init(gatehouse: Gatehouse) {
        self.gatehouse = gatehouse
    }

    package func addRoutes(to router: some RouterMethods<EdgeContext>) {
        router.get(RouterPath(Self.live)) { _, _ in Response.json(Array("{\"status\":\"ok\"}".utf8))
        }
        router.get(RouterPath(Self.ready)) { _, _ in await readiness() }
    }

    /// Ready if the database answers a question.
    private func readiness() async -> Response {
        var problems: [(check: String, reason: String)] = []
        do {
            _ = try await gatehouse.database.read { try $0.tenants.find(Tenant.instance) }
        } catch let error as DatabaseError {
            problems.append(("database", error.reason))
        } catch {
            problems.append(("database", "the database failed"))
        }
        let body = JSONWriter.object { json in
            json.add("status", problems.isEmpty ? "ready" : "not_ready")
            json.array("problems") { list in
                for problem in problems {
                    list.object { json in
                        json.add("check", problem.check)
                        json.add("reason", problem.reason)
                    }
                }
            }
        }
        return .json(body, status: problems.isEmpty ? .ok : .serviceUnavailable)
    }
}

extension DatabaseError {
    /// A reason that tells strangers nothing about hosts and files.
    fileprivate var reason: String {
        switch self {
        case .unavailable, .outcomeUnknown: "the database is away"
        case .storageFull: "the disk is full"
        case .timedOut: "the database does not answer in time"
        default: "the database failed"
        }
    }
}
