/// The way by which commands reach devices; the MQTT bridge is one.
public protocol CommandChannel: Sendable {
    /// Hands a command to the broker and returns once it took it.
    ///
    /// Whatever throws here was not delivered and will not be later.
    ///
    /// - Throws: `CommandDeliveryError`, or `CommandRefusal` when the device's dialect cannot express the command.
    func send(_ command: DeviceCommand, to target: CommandTarget) async throws
}

/// Whom a command is for.
public struct CommandTarget: Sendable, Hashable {
    public let externalID: ExternalID
    /// Where the device last spoke; `nil` for one never heard from.
    public let address: DeviceAddress?

    public init(externalID: ExternalID, address: DeviceAddress?) {
        self.externalID = externalID
        self.address = address
    }
}

/// Why a command did not leave the station.
public enum CommandDeliveryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The broker is away or did not take it in time (`broker_unavailable`).
    case brokerUnavailable(String)

    public var description: String {
        switch self {
        case .brokerUnavailable(let detail): "The broker cannot be reached: \(detail)"
        }
    }
}
