/// What happens to a virtual device.
public enum DeviceInput: Sendable, Hashable {
    /// Gets power: begins to connect.
    case pluggedIn
    /// Loses power: its connection breaks without a word.
    case unplugged
    /// The connection is up and subscribed to `DeviceTopic.subscriptions`.
    case connected
    /// The attempt that `DeviceAction.connect` asked for came to nothing.
    case connectFailed
    /// The connection is gone, for whatever reason.
    case disconnected
    /// A message came; `suffix` is what follows the device's own topic.
    case message(suffix: String, payload: [UInt8])
    /// The time `nextWake` has come.
    case wake
    case stimulus(Stimulus)

    /// What somebody in the room does.
    public enum Stimulus: Sendable, Hashable {
        /// Presses the button; it comes up by itself. For `switch-pir`.
        case press
        /// Comes into or leaves the sight of a `pir` or `switch-pir`.
        case motion(Bool)
        /// Works the switch on the wall. For `light`.
        case light(on: Bool)
    }
}
