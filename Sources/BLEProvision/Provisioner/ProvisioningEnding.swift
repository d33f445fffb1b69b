import StationCore

/// How the part over Bluetooth of a provisioning has ended.
enum ProvisioningEnding: Sendable {
    /// It took what it was handed; its handshake is to come.
    case accepted
    /// It joined the Wi-Fi and was not told of the station: its dialect has no words for that. `next` is where a person
    /// goes on.
    case joinedWiFi(next: String?)
    /// It may have taken it, and is not heard any more: its handshake will tell, or nothing.
    case doubtful
    case failed(ProvisioningFailure)
}
