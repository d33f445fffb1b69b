/// Which bus to connect to.
public enum BusAddress: Sendable, Hashable {
    /// The one of the machine, where BlueZ lives: `DBUS_SYSTEM_BUS_ADDRESS`, else the usual socket.
    case system
    /// The one of the user's session: `DBUS_SESSION_BUS_ADDRESS`, else the socket in `XDG_RUNTIME_DIR`.
    case session
    /// A D-Bus address, such as `unix:path=/tmp/bus` (D-Bus specification, Server Addresses).
    case address(String)
}
