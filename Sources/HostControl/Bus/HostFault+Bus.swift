import StationCore
import SystemBus

extension HostFault {
    /// What polkit's no is called: by the bus, by systemd, and by NetworkManager's interfaces.
    private static let refusals: Set<String> = [
        BusErrorName.accessDenied,
        "org.freedesktop.DBus.Error.AuthFailed",
        "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired",
        "org.freedesktop.PolicyKit1.Error.NotAuthorized",
        "org.freedesktop.NetworkManager.PermissionDenied",
        "org.freedesktop.NetworkManager.Settings.PermissionDenied",
        "org.freedesktop.NetworkManager.Device.PermissionDenied",
    ]

    /// What a failed call to a service means.
    init(_ error: BusError, of service: HostService) {
        switch error {
        case .unavailable, .disconnected, .closed: self = .unavailable(service, "D-Bus: \(error)")
        case .timedOut: self = .timedOut(service)
        case .cancelled: self = .failed(service, "the wait was cancelled")
        case .invalid, .tooLarge, .congested: self = .failed(service, "\(error)")
        case .remote(let name, _):
            if error.isServiceMissing || name.hasPrefix("org.freedesktop.DBus.Error.Spawn.") {
                self = .unavailable(service, "\(error)")
            } else if Self.refusals.contains(name) {
                self = .refused(service, "\(error)")
            } else if error.isUnanswered {
                // It left the bus while we waited.
                self = .unavailable(service, "\(error)")
            } else {
                self = .failed(service, "\(error)")
            }
        }
    }
}
