import StationCore
import Synchronization

/// What sessions ask of the books.
extension LabCloud {
    func habits(towards chipID: String?) -> LabHabits {
        self.state.withLock { $0.habits(towards: chipID) }
    }

    func note(_ event: LabLogEntry.Event, _ message: JSONValue, _ session: LabSession?) {
        let time = self.clock.wallTime
        let chipID = session?.chipID
        self.state.withLock { state in
            state.log.append(event, message, connection: session?.number, chipID: chipID, at: time)
        }
    }

    func handshake(_ chipID: String, _ secret: Secret, _ session: LabSession) -> LabVerdict {
        self.state.withLock { state in
            let verdict = state.handshake(chipID, secret, session)
            session.identify(verdict)
            return verdict
        }
    }

    func authenticate(_ token: Secret, _ session: LabSession) -> LabVerdict {
        self.state.withLock { state in
            let verdict = state.authenticate(token, session)
            session.identify(verdict)
            return verdict
        }
    }

    func notified(_ message: JSONObject, method: String, by chipID: String) -> String? {
        self.state.withLock { $0.notified(message, method: method, by: chipID) }
    }

    func refused(by chipID: String?) {
        guard let chipID else { return }
        self.state.withLock { $0.records[chipID]?.view.errors += 1 }
    }
}
