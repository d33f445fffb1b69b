import Logging
import MQTTTransport
import PollLoop
import StationCore

/// Empties the session that the broker keeps for a client: it would outlive the client and be handed, with all that waits
/// in it, to the next one of that name (contract 6).
struct SessionPurge: Sendable {
    let endpoint: MQTTEndpoint
    let loop: LoopThread
    let logger: Logger

    /// Connects once in the client's place, with a clean session. A client that is deleted all the same is safer than one
    /// that stays, so failing is no fault here.
    func run(_ username: String, _ password: Secret) async {
        do throws(MQTTError) {
            let options = MQTTConnectionOptions(clientID: username, username: username, password: password)
            let connection = try await MQTTConnection.open(on: self.loop, to: self.endpoint, options: options) { _ in }
            await connection.close()
        } catch {
            self.logger.notice(
                "a session at the broker could not be emptied",
                metadata: ["client": "\(username)", "error": "\(error)"]
            )
        }
    }
}
