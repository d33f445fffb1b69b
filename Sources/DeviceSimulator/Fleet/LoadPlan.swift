public import MQTTTransport

/// State messages at a fixed rate, in place of what the devices would report by themselves.
public struct LoadPlan: Sendable, Hashable {
    /// When the load begins.
    public enum Start: String, Sendable, Hashable, CaseIterable {
        /// Once the broker has all devices: nobody needs to answer their handshakes.
        case connected
        /// Once the station has accepted all devices.
        case accepted
    }

    /// State messages a second, of the whole fleet together; the devices take turns.
    public var rate: Double
    public var qos: MQTTQualityOfService = .atMostOnce
    /// A key under which each device numbers its messages 1, 2, 3, …, so that a gap shows a loss; `nil` for none.
    public var sequenceKey: String?
    /// The load ends after so many messages of the whole fleet; `nil`: it does not.
    public var messageLimit: Int?
    public var start = Start.accepted
    /// After so long the load begins with the devices that are ready.
    public var patience: Duration = .seconds(120)

    public init(rate: Double) {
        self.rate = rate
    }
}
