public import StationCore

/// One device of a fleet at one moment.
public struct DeviceSnapshot: Sendable, Hashable {
    public let profile: VirtualDeviceProfile
    public let phase: VirtualDeviceMachine.Phase
    /// The version that runs now.
    public let firmwareVersion: String
    /// What the device would report if asked for everything; load messages leave it alone.
    public let state: JSONObject
    /// Load messages are counted among the states.
    public let tally: DeviceTally
    /// The number of its last load message.
    public let sequence: Int
    /// The last commands, oldest first.
    public let receivedCommands: [ReceivedCommand]

    public var isConnected: Bool { self.phase == .greeting || self.phase == .accepted }
}
