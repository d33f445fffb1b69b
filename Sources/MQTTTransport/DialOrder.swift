internal import Synchronization

/// What the dialler needs to know to begin a connection.
final class DialOrder: Sendable {
    /// An address family, expressed by the source address that only it can bind; `any` for hosts that are addresses.
    enum Family: Sendable {
        case any, v4, v6

        var source: String? {
            switch self {
            case .any: nil
            case .v4: "0.0.0.0"
            case .v6: "::"
            }
        }
    }

    let endpoint: MQTTEndpoint
    let options: MQTTConnectionOptions
    let onMessage: @Sendable (InboundMessage) -> Void
    private let isGivenUp = Atomic(false)

    init(
        endpoint: MQTTEndpoint,
        options: MQTTConnectionOptions,
        onMessage: @escaping @Sendable (InboundMessage) -> Void
    ) {
        self.endpoint = endpoint
        self.options = options
        self.onMessage = onMessage
    }

    /// Whether nobody waits for the outcome any more.
    var isCancelled: Bool { self.isGivenUp.load(ordering: .relaxed) }

    func cancel() {
        self.isGivenUp.store(true, ordering: .relaxed)
    }
}
