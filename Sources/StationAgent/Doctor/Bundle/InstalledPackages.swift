/// What dpkg says of the packages under the station.
enum InstalledPackages {
    private static let wanted: Set<String> = [
        "avahi-daemon", "bluez", "dbus", "libbluetooth3", "libcurl4", "libcurl4t64", "libdbus-1-3", "libmosquitto1",
        "libsqlite3-0", "mosquitto", "network-manager", "station-agent", "systemd",
    ]

    /// Name → version, from the text of `/var/lib/dpkg/status`.
    static func versions(in status: String) -> [String: String] {
        var versions: [String: String] = [:]
        var name: Substring?
        for line in status.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty {
                name = nil
            } else if line.hasPrefix("Package: ") {
                name = line.dropFirst("Package: ".count)
            } else if line.hasPrefix("Version: "), let name, Self.wanted.contains(String(name)) {
                versions[String(name)] = String(line.dropFirst("Version: ".count))
            }
        }
        return versions
    }
}
