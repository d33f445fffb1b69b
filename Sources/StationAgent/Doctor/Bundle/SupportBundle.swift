import Glibc
import StationCore
import StationData
import StationMail
import SystemBus

/// A support archive (`doctor --bundle FILE`): what a helper elsewhere needs to know, and nothing that would let them in.
///
/// It holds what doctor found, the configuration with masks, versions, the daemon's health and metrics, row counts of the
/// store (no rows), the state of the network and the end of the log. All of it goes through `SecretMask`.
struct SupportBundle {
    /// No file in it is larger; of the log the end is kept, of others the beginning.
    private static let entryLimit = 1 << 20
    private static let logLines = 2000
    private static let folder = "station-support"

    let doctor: Doctor
    let clock: any StationClock

    private var setup: AgentSetup { self.doctor.setup }
    private var host: DoctorFiles { self.doctor.host }

    /// Writes the archive (tar, mode 0600); a file that is there already stays as it is.
    ///
    /// - Returns: How many bytes it has.
    /// - Throws: `StorageError`.
    func write(to path: String, _ report: DoctorReport) async throws(StorageError) -> Int {
        let bytes = await self.make(report)
        guard try DurableFile.create(path, bytes) else {
            throw StorageError(
                kind: .inputOutput, path: path, problem: "is there already", remedy: "Remove it, or name another file")
        }
        return bytes.count
    }

    /// The archive.
    func make(_ report: DoctorReport) async -> [UInt8] {
        let mask = SecretMask(self.secrets)
        var archive = TarArchive(at: self.clock.wallTime)
        func add(_ name: String, _ content: [UInt8], keepsEnd: Bool = false) {
            archive.add("\(Self.folder)/\(name)", mask.applied(to: Self.bounded(content, keepsEnd: keepsEnd)))
        }
        add("doctor.json", report.json.serialized())
        add("configuration.txt", Array(EffectiveConfigurationReport(self.setup.configuration).description.utf8))
        add("versions.json", self.versions(report).serialized())
        add("store.json", self.store(report).serialized())
        add("network.json", (await self.network()).serialized())
        add("health.json", await self.ask("/api/health"))
        add("metrics.txt", await self.ask("/metrics"))
        add("log.txt", await self.log(), keepsEnd: true)
        return archive.finished
    }

    /// Whole lines of what is too long: half a secret would not be known any more.
    private static func bounded(_ content: [UInt8], keepsEnd: Bool) -> [UInt8] {
        guard content.count > Self.entryLimit else { return content }
        let newline = UInt8(ascii: "\n")
        if keepsEnd {
            return Array(content.suffix(Self.entryLimit).drop { $0 != newline }.dropFirst())
        }
        let part = content.prefix(Self.entryLimit)
        return Array(part[..<(part.lastIndex(of: newline) ?? part.startIndex)])
    }

    // MARK: Secrets

    /// All that are known here; of devices and people there are only hashes, which are not in the archive.
    private var secrets: [Secret] {
        let configuration = self.setup.configuration
        var secrets = configuration.effective.compactMap(\.secret)
        if let credentials = configuration.smtp.server?.credentials { secrets.append(credentials.password) }
        // Without leave to read the file nothing of it can be in the archive either, but what looks like a secret goes.
        if let own = try? SecretsFile(path: configuration.data.secretsPath).load() {
            secrets += [own.agentToken, own.jwtSecret]
            if let password = own.brokerPassword { secrets.append(password) }
        }
        return secrets
    }

    // MARK: Contents

    private func versions(_ report: DoctorReport) -> JSONValue {
        let system = (self.host.text("/etc/os-release") ?? "").split(separator: "\n")
            .first { $0.hasPrefix("PRETTY_NAME=") }?.dropFirst("PRETTY_NAME=".count)
        let packages = InstalledPackages.versions(
            in: self.host.text("/var/lib/dpkg/status", limit: 16 << 20) ?? "")
        let model = self.host.text("/proc/device-tree/model").map { String($0.prefix { $0 != "\u{0}" }) }
        return [
            "agent": .string(AgentVersion.text), "time": .string(self.clock.wallTime.description),
            "kernel": JSONValue(self.host.text("/proc/sys/kernel/osrelease")),
            "system": JSONValue(system.map { String($0.filter { $0 != "\"" }) }), "model": JSONValue(model),
            "sqlite": JSONValue(report.store?.sqliteVersion),
            "load": JSONValue(self.host.text("/proc/loadavg")),
            "secondsSinceStart": JSONValue(
                self.host.text("/proc/uptime")?.split(separator: " ").first.map(String.init)),
            "packages": .object(Self.object(packages.mapValues { .string($0) })),
        ]
    }

    private func store(_ report: DoctorReport) -> JSONValue {
        let path = self.setup.databasePath
        let sizes = ["": path, "-wal": "\(path)-wal"].compactMapValues { Self.size(of: $0) }
        guard let store = report.store else { return ["opened": false] }
        return [
            "opened": true, "integrity": .string(store.integrity), "journalMode": .string(store.journalMode),
            "migrations": .array(store.migrations.map { .string($0) }), "isNewer": .bool(store.isNewer),
            "clockFloor": JSONValue(store.clockFloor?.description),
            "bytes": .object(Self.object(sizes.map { ("station.sqlite\($0)", .integer($1)) })),
            "rows": .object(Self.object(store.rowCounts.mapValues { .integer(Int64($0)) })),
        ]
    }

    /// Which interfaces there are, and what NetworkManager says; no names of networks, let alone their passwords.
    private func network() async -> JSONValue {
        let interfaces = self.host.names(in: "/sys/class/net").prefix(64).map { name -> JSONValue in
            let path = "/sys/class/net/\(name)"
            return [
                "name": .string(name), "state": JSONValue(self.host.text("\(path)/operstate")),
                "mtu": JSONValue(self.host.text("\(path)/mtu")),
                "isWireless": .bool(self.host.exists("\(path)/wireless")),
            ]
        }
        let bus = await DoctorBus.open()
        let service = NetworkFacts.service
        let told = await bus.told(of: service, service: service, path: "/org/freedesktop/NetworkManager")
        await bus.close()
        var manager = JSONObject()
        for key in ["State", "Connectivity"] {
            if let value = told?[key]?.integer { manager[key] = .integer(Int64(value)) }
        }
        for key in ["NetworkingEnabled", "WirelessEnabled", "WirelessHardwareEnabled"] {
            if let value = told?[key]?.bool { manager[key] = .bool(value) }
        }
        for key in ["Version", "PrimaryConnectionType"] {
            if let value = told?[key]?.string { manager[key] = .string(value) }
        }
        return [
            "interfaces": .array(Array(interfaces)), "networkManager": told == nil ? .null : .object(manager),
            "dbus": JSONValue(bus.fault ?? "reachable"),
            "routes": JSONValue(self.host.text("/proc/net/route")),
            "nameServers": JSONValue(self.host.text("/etc/resolv.conf")),
        ]
    }

    private func ask(_ path: String) async -> [UInt8] {
        do {
            return try await AgentDoor(http: self.setup.configuration.http).fetch(path)
        } catch {
            return Array("not fetched: \(error)\n".utf8)
        }
    }

    private func log() async -> [UInt8] {
        let command = CommandOutput(
            program: "\(self.host.root)/usr/bin/journalctl",
            arguments: ["-u", "station-agent", "-n", "\(Self.logLines)", "--no-pager", "-o", "short-iso"]
        )
        do {
            return try await command.read().get()
        } catch {
            return Array("no log: \(error)\n".utf8)
        }
    }

    private static func size(of path: String) -> Int64? {
        var facts = stat()
        return stat(path, &facts) == 0 ? Int64(facts.st_size) : nil
    }

    private static func object(_ members: some Sequence<(key: String, value: JSONValue)>) -> JSONObject {
        var object = JSONObject()
        for (key, value) in members.sorted(by: { $0.key < $1.key }) { object[key] = value }
        return object
    }
}
