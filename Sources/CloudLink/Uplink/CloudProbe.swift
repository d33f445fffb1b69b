public import StationCore
import Synchronization

/// Tries the way to the cloud as the link itself goes it: name, proxy, TLS with the same authorities, WebSocket.
public enum CloudProbe {
    /// Opens a connection, says nothing and closes it again.
    ///
    /// - Returns: Why there is none; `nil` when the cloud can be reached.
    public static func run(_ configuration: CloudLinkConfiguration, clock: any StationClock) async -> LinkLoss? {
        let connection = LinkConnection(number: 0, configuration: configuration, rules: LinkRules(), clock: clock)
        let listener = Listener(connection: connection)
        let ending = await connection.run(listener)
        return listener.hasOpened.load(ordering: .acquiring) ? nil : ending
    }

    private final class Listener: LinkConnection.Listener {
        private let connection: LinkConnection
        let hasOpened = Atomic(false)

        init(connection: LinkConnection) {
            self.connection = connection
        }

        func opened(_ number: Int) async {
            self.hasOpened.store(true, ordering: .releasing)
            self.connection.close(.done)
        }

        func received(_ text: String, on number: Int) async {}

        func ponged(_ ping: Int?, on number: Int) async {}
    }
}
