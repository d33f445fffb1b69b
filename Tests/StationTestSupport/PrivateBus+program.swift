import Foundation
import PollLoop
import SystemBus

extension PrivateBus {
    /// Runs a Python program that plays services on the bus, with a connection to it, while `body` runs; both end
    /// whatever happens.
    func run<Result>(
        _ arguments: [String], environment: [String: String]? = nil,
        isolation: isolated (any Actor)? = #isolation, _ body: (ChildProcess, BusConnection) async throws -> Result
    ) async throws -> Result {
        let child = try await ChildProcess(
            "/usr/bin/python3", arguments, environment: environment,
            output: self.folder.appending(path: "played-\(UUID().uuidString).log")
        )
        let loop = try LoopThread(name: "played")
        do {
            let connection = try await BusConnection.open(.address(self.address), on: loop)
            let result = try await body(child, connection)
            await connection.close()
            await child.kill9()
            loop.stop()
            return result
        } catch {
            await child.kill9()
            loop.stop()
            throw error
        }
    }
}
