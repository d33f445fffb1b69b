internal import Glibc

extension BusAddress {
    /// The D-Bus address in words, as libdbus takes it.
    func resolved() throws(BusError) -> String {
        let address: String
        switch self {
        case .system:
            address = Self.variable("DBUS_SYSTEM_BUS_ADDRESS") ?? "unix:path=/run/dbus/system_bus_socket"
        case .session:
            if let given = Self.variable("DBUS_SESSION_BUS_ADDRESS") {
                address = given
            } else if let directory = Self.variable("XDG_RUNTIME_DIR") {
                address = "unix:path=\(directory)/bus"
            } else {
                throw .unavailable(detail: "there is no session bus: DBUS_SESSION_BUS_ADDRESS is not set")
            }
        case .address(let given):
            address = given
        }
        guard !address.utf8.contains(0) else { throw .invalid(detail: "a D-Bus address with a zero byte") }
        return address
    }

    private static func variable(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }
}
