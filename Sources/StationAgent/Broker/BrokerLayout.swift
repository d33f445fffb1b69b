import Glibc

/// Where a broker's files are, and how they are to be.
struct BrokerLayout: Sendable, Equatable {
    /// An address and a port; without an address, all.
    struct Listener: Sendable, Equatable {
        let address: String?
        let port: Int
    }

    /// What is written into the broker's configuration.
    let configurationFile: String
    /// The file of the dynamic-security plugin.
    let securityFile: String
    let listener: Listener
    /// Whether the configuration is all that there is, or a part of Debian's.
    let isComplete: Bool
    /// Who runs the broker and must be able to read the file; nil: whoever runs this.
    let user: String?

    /// As Debian's package has it.
    static func debian(_ listener: Listener) -> BrokerLayout {
        BrokerLayout(
            configurationFile: "/etc/mosquitto/conf.d/50-station-agent.conf",
            securityFile: "/var/lib/mosquitto/station/dynsec.json", listener: listener, isComplete: false,
            user: "mosquitto"
        )
    }

    /// A broker of one's own, with everything in one directory.
    static func directory(_ path: String, _ listener: Listener) -> BrokerLayout {
        BrokerLayout(
            configurationFile: "\(path)/mosquitto.conf", securityFile: "\(path)/dynsec.json", listener: listener,
            isComplete: true, user: nil
        )
    }

    // MARK: The configuration

    /// The broker's configuration.
    ///
    /// - Parameters:
    ///   - plugin: Where the plugin is.
    ///   - allowsLegacyDevices: Whether clients without credentials are let in at all; what they may do is a group's.
    func configuration(plugin: String, allowsLegacyDevices: Bool) -> String {
        let address = self.listener.address.map { " \($0)" } ?? ""
        var lines = [
            "# Made by “station-agent broker init”, which writes it anew.",
            "# Who may connect, and what each may do, is in the file of the plugin; the agent keeps that up.",
            "per_listener_settings false",
            "allow_anonymous \(allowsLegacyDevices)",
            "plugin \(plugin)",
            "plugin_opt_config_file \(self.securityFile)",
            "listener \(self.listener.port)\(address)",
            "# A command is a small packet, and must not wait for the next one.",
            "set_tcp_nodelay true",
            "# A device that floods the broker is cut off rather than remembered.",
            "max_packet_size 1048576",
            "max_queued_bytes 16777216",
            "# A thousand devices that come back at once are not too many for the agent.",
            "max_queued_messages 20000",
            "# What is kept for a device that does not come back.",
            "persistent_client_expiration 14d",
            "# The agent reads here who is refused.",
            "log_dest topic",
        ]
        if self.isComplete {
            let directory = String(self.configurationFile.dropLast("/mosquitto.conf".count))
            lines += [
                "log_dest stderr", "log_type error", "log_type warning", "log_type notice",
                "persistence true", "persistence_location \(directory)/",
            ]
            // As root the broker would become a user who cannot read this directory.
            if geteuid() == 0 { lines.append("user root") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Where Mosquitto's package has put the plugin: the directory differs by architecture.
    static func findPlugin() -> String? {
        let name = "mosquitto_dynamic_security.so"
        for base in ["/usr/lib", "/usr/lib64", "/usr/local/lib"] {
            let places = [base] + self.directories(in: base)
            if let place = places.first(where: { BoundedFile.kind(of: "\($0)/\(name)") == .file }) {
                return "\(place)/\(name)"
            }
        }
        return nil
    }

    private static func directories(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var found: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.contains("-linux-") { found.append("\(path)/\(name)") }
        }
        return found.sorted()
    }
}
