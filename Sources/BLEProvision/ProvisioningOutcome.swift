/// How far a device was brought by its dialect.
public enum ProvisioningOutcome: Sendable, Hashable {
    /// The device has taken Wi-Fi and place; its MQTT handshake is to come.
    case accepted
    /// The device may have taken it (ATT 0x0e): only its MQTT handshake can tell. If none comes, try again.
    case unconfirmed
    /// The device says that it has joined the Wi-Fi. Its dialect does not carry the station's place; `next` is where a
    /// person goes on, if the device tells.
    case joinedWiFi(next: String?)
}
