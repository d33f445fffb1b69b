import StationCore
import SystemBus

/// A profile of NetworkManager, as `GetSettings` gives it: without its secrets.
struct NMProfile: Sendable {
    /// `802-11-wireless.powersave`: 2 is off (NMSettingWirelessPowersave).
    static let powerSaveOff: UInt32 = 2

    let path: String
    /// Group → key → value, out of its variant.
    let groups: [String: [String: BusValue]]

    init(path: String, settings: BusValue?) {
        self.path = path
        self.groups = settings.map { BusConnection.interfaces($0) } ?? [:]
    }

    var uuid: String? { self.groups[NMName.connectionGroup]?["uuid"]?.string }
    var interface: String? { self.groups[NMName.connectionGroup]?["interface-name"]?.string }
    /// Whether NetworkManager brings it up by itself.
    var isAutomatic: Bool { self.groups[NMName.connectionGroup]?["autoconnect"]?.bool ?? true }

    /// The network that the profile is for; `nil` for others, among them an access point of the station's own.
    var ssid: [UInt8]? {
        guard let wireless = self.groups[NMName.wirelessGroup] else { return nil }
        let mode = wireless["mode"]?.string ?? "infrastructure"
        return mode == "infrastructure" ? wireless["ssid"]?.bytes : nil
    }

    var security: WiFiSecurity {
        switch self.groups[NMName.securityGroup]?["key-mgmt"]?.string {
        case nil, "owe"?: .open
        case "none"?, "ieee8021x"?: .wep
        case "sae"?: .wpa3
        case "wpa-psk"?: .wpa
        default: .enterprise
        }
    }

    var savesPower: Bool {
        self.groups[NMName.wirelessGroup]?["powersave"]?.integer != Int(Self.powerSaveOff)
    }

    /// The settings with power saving off, as `Update2` takes them. Secrets that are not given are kept.
    var withoutPowerSaving: BusValue {
        var groups = self.groups
        groups[NMName.wirelessGroup, default: [:]]["powersave"] = .uint32(Self.powerSaveOff)
        return Self.settings(groups)
    }

    /// `a{sa{sv}}`.
    static func settings(_ groups: [String: [String: BusValue]]) -> BusValue {
        var entries: [BusValue: BusValue] = [:]
        for (name, values) in groups { entries[.string(name)] = .properties(values) }
        return .dictionary(entries, key: "s", value: "a{sv}")
    }

    /// The settings of a network to be joined.
    ///
    /// - Parameter key: How one gets in; `nil` for an open network.
    static func settings(
        for wifi: WiFiCredentials, uuid: String, key: NMAccessPoint.Key?, isHidden: Bool
    ) -> BusValue {
        var wireless: [String: BusValue] = [
            "ssid": .bytes(wifi.ssid), "mode": .string("infrastructure"), "powersave": .uint32(Self.powerSaveOff),
        ]
        if isHidden { wireless["hidden"] = .bool(true) }
        var groups: [String: [String: BusValue]] = [
            NMName.connectionGroup: [
                "type": .string(NMName.wirelessGroup), "uuid": .string(uuid), "id": .string(Self.name(wifi)),
                "autoconnect": .bool(true),
                // 0: for ever. By default NetworkManager gives up after four times.
                "autoconnect-retries": .int32(0),
            ],
            NMName.wirelessGroup: wireless,
            "ipv4": ["method": .string("auto")],
            "ipv6": ["method": .string("auto")],
        ]
        if let key {
            var security: [String: BusValue] = ["key-mgmt": .string(key.rawValue)]
            if key != .owe { security["psk"] = .string(wifi.password.revealed) }
            groups[NMName.securityGroup] = security
        }
        return Self.settings(groups)
    }

    /// The profile's name: D-Bus allows no zero byte in it.
    private static func name(_ wifi: WiFiCredentials) -> String {
        wifi.shownSSID.replacing("\0", with: "\u{FFFD}")
    }
}
