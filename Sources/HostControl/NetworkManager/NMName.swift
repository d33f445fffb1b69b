/// Names of NetworkManager on the bus (NetworkManager 1.42, D-Bus API reference).
enum NMName {
    static let service = "org.freedesktop.NetworkManager"
    static let path = "/org/freedesktop/NetworkManager"
    static let manager = service
    static let settingsPath = path + "/Settings"
    static let settings = service + ".Settings"
    static let profile = service + ".Settings.Connection"
    static let device = service + ".Device"
    static let wireless = service + ".Device.Wireless"
    static let accessPoint = service + ".AccessPoint"
    static let active = service + ".Connection.Active"
    static let ip4 = service + ".IP4Config"
    static let ip6 = service + ".IP6Config"
    static let properties = "org.freedesktop.DBus.Properties"
    /// What stands for no object.
    static let none = "/"

    /// The groups of a profile.
    static let connectionGroup = "connection"
    static let wirelessGroup = "802-11-wireless"
    static let securityGroup = "802-11-wireless-security"
}

/// So much of what NetworkManager tells is looked at. A station's network is far smaller.
enum NMLimits {
    static let devices = 32
    static let accessPoints = 256
    static let profiles = 128
    static let addresses = 16
}
