import SystemBus

/// What NetworkManager tells of the network, and what to think of it.
struct NetworkFacts: Sendable {
    static let service = "org.freedesktop.NetworkManager"

    /// NetworkManager's own words (NMConnectivityState).
    enum Connectivity: Int {
        case unknown, none, portal, limited, full
    }

    /// `nil` when it is not on the bus.
    let properties: [String: BusValue]?
    /// Whether its program is there.
    let isInstalled: Bool

    var check: DoctorCheck {
        let name = "network"
        guard let properties else {
            return .warning(
                name, "NetworkManager is not running, so the station cannot set up Wi-Fi",
                remedy: self.isInstalled
                    ? "sudo systemctl enable --now NetworkManager" : "sudo apt install network-manager"
            )
        }
        let version = properties["Version"]?.string.map { "NetworkManager \($0)" } ?? "NetworkManager"
        // NM_STATE_CONNECTED_LOCAL: beyond it there is a way out of this machine.
        guard (properties["State"]?.integer ?? 0) >= 50 else {
            return self.unconnected(version)
        }
        let kind = properties["PrimaryConnectionType"]?.string ?? ""
        let way = ["802-3-ethernet": "by cable", "802-11-wireless": "over Wi-Fi"][kind] ?? "connected"
        switch Connectivity(rawValue: properties["Connectivity"]?.integer ?? 0) {
        case .full: return .ok(name, "\(version), \(way), the Internet answers")
        case .portal:
            return .warning(
                name, "\(version), \(way), but a page wants to be answered before there is Internet",
                remedy: "Sign in there with a browser in the same network; nmcli networking connectivity check"
            )
        // A station without Internet does all but the cloud, which has a check of its own.
        case .limited, .some(.none): return .ok(name, "\(version), \(way), without Internet")
        case .unknown, nil: return .ok(name, "\(version), \(way)")
        }
    }

    private func unconnected(_ version: String) -> DoctorCheck {
        let name = "network"
        if self.properties?["WirelessHardwareEnabled"]?.bool == false {
            return .warning(
                name, "\(version), not connected, and Wi-Fi is held down by a switch",
                remedy: "sudo rfkill unblock wifi; rfkill list; on a new Pi the country first: sudo raspi-config"
            )
        }
        if self.properties?["WirelessEnabled"]?.bool == false {
            return .warning(name, "\(version), not connected, and Wi-Fi is off", remedy: "nmcli radio wifi on")
        }
        return .warning(
            name, "\(version), not connected",
            remedy: "nmcli device; for Wi-Fi: sudo nmcli --ask device wifi connect NAME"
        )
    }
}

extension Doctor {
    /// Whether the network can be controlled, and leads somewhere.
    func examineNetwork(_ bus: DoctorBus) async -> DoctorCheck {
        let service = NetworkFacts.service
        return NetworkFacts(
            properties: await bus.told(of: service, service: service, path: "/org/freedesktop/NetworkManager"),
            isInstalled: self.host.exists("/usr/sbin/NetworkManager")
        ).check
    }

    /// Whether Wi-Fi sleeps between two beacons, which makes devices wait and lose their connections; one check for each
    /// interface, none for a machine without Wi-Fi.
    func examineWiFi() -> [DoctorCheck] {
        let interfaces = self.host.names(in: "/sys/class/net").filter {
            self.host.exists("/sys/class/net/\($0)/wireless") || self.host.exists("/sys/class/net/\($0)/phy80211")
        }
        return interfaces.compactMap { name in
            guard self.host.text("/sys/class/net/\(name)/operstate") == "up" else { return nil }
            switch WiFiPowerSave.state(of: name) {
            case true?:
                return .warning(
                    "wifi", "\(name) saves power: messages are late, devices are lost",
                    remedy: "sudo iw dev \(name) set power_save off; for ever: sudo nmcli connection modify "
                        + "\"$(nmcli -g GENERAL.CONNECTION device show \(name))\" 802-11-wireless.powersave 2"
                )
            case false?: return .ok("wifi", "\(name) does not save power")
            case nil: return nil
            }
        }
    }
}
