import StationCore

/// Why a device left a network or did not get into one: NMDeviceStateReason, as far as a person can do something about it.
enum NMReason {
    /// - Parameter hasPassword: Without one, a network that throws us out does not mean the password.
    static func joinFailure(_ number: Int?, hasPassword: Bool) -> WiFiJoinFailure.Reason {
        switch number {
        // ip-config-unavailable, ip-config-expired, dhcp-start-failed, dhcp-error, dhcp-failed, autoip-…
        case 5, 6, 15, 16, 17, 20, 21, 22: .noAddress
        // no-secrets, supplicant-disconnect, -config-failed, -failed, -timeout: after a wrong password NetworkManager
        // wants another one of the user, and nobody is there to ask.
        case 7, 8, 9, 10, 11: hasPassword ? .wrongPassword : .other
        // ssid-not-found
        case 53: .networkNotFound
        default: .other
        }
    }
}
