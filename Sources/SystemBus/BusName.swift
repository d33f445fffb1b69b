internal import CDBus

/// What D-Bus allows as a name (D-Bus specification, Valid Names). libdbus ends the process when it is handed another,
/// so everything is checked before.
enum BusName {
    enum Kind: String {
        case bus = "bus name"
        case path = "object path"
        case interface = "interface"
        case member = "member"
        case error = "error name"
        case signature = "signature"
        /// Exactly one complete type.
        case type = "single type"
    }

    static func isValid(_ kind: Kind, _ text: String) -> Bool {
        guard !text.utf8.contains(0) else { return false }
        let answer =
            switch kind {
            case .bus: dbus_validate_bus_name(text, nil)
            case .path: dbus_validate_path(text, nil)
            case .interface: dbus_validate_interface(text, nil)
            case .member: dbus_validate_member(text, nil)
            case .error: dbus_validate_error_name(text, nil)
            case .signature: dbus_signature_validate(text, nil)
            case .type: text.isEmpty ? 0 : dbus_signature_validate_single(text, nil)
            }
        return answer != 0
    }

    static func check(_ kind: Kind, _ text: String) throws(BusError) {
        guard Self.isValid(kind, text) else { throw .invalid(detail: "“\(text)” is no valid \(kind.rawValue)") }
    }
}
