import ArgumentParser
import StationCore
import StationData

/// `station-agent device …`: the devices of this station, with or without a running daemon.
struct DeviceCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device",
        abstract: "Add, list, show and remove devices, renew their tokens.",
        discussion: "Works on the station's store directly; a running daemon notices within a second.",
        subcommands: [
            AddDeviceCommand.self, ListDevicesCommand.self, ShowDeviceCommand.self, RemoveDeviceCommand.self,
            RenewTokenCommand.self,
        ]
    )
}

struct AddDeviceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a device and print its token, this once.")

    @OptionGroup var options: ConfigurationOptions
    @Option(help: "What people call it.")
    var name: String
    @Option(help: "Its type, such as climate or light; without, its first handshake tells.")
    var type: String?
    @Option(name: .customLong("external-id"), help: "Its name on the broker (\(TopicName.rule)); without, its id.")
    var externalID: String?
    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let externalID = try self.externalID.map { text in
            guard let id = ExternalID(text) else {
                throw ValidationError("--external-id is “\(text)”; allowed are \(TopicName.rule).")
            }
            return id
        }
        try await self.options.withHub { hub in
            let (device, token) = try await hub.addDevice(
                NewDevice(name: self.name, type: self.type, externalID: externalID)
            )
            if self.json {
                print(JSONValue.object(["device": device.summary, "token": .string(token.revealed)]))
            } else {
                print("id:           \(device.id)")
                print("external id:  \(device.externalID)")
                print("token:        \(token.revealed)   (shown this once)")
            }
        }
    }
}

struct ListDevicesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the devices.")

    @OptionGroup var options: ConfigurationOptions
    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await self.options.withHub { hub in
            let devices = hub.devices()
            if self.json {
                print(JSONValue.array(devices.map(\.summary)))
            } else if devices.isEmpty {
                print("There is no device yet; add one with: station-agent device add --name …")
            } else {
                for row in TextTable.rows(
                    [["EXTERNAL ID", "NAME", "TYPE", "STATUS", "LAST SEEN"]]
                        + devices.map { device in
                            [
                                device.externalID.description, device.name, device.type ?? "–",
                                device.status.rawValue, device.lastSeenAt?.description ?? "never",
                            ]
                        }
                ) {
                    print(row)
                }
            }
        }
    }
}

struct ShowDeviceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show all about a device.")

    @OptionGroup var chosen: ChosenDevice

    func run() async throws {
        try await self.chosen.withDevice { _, device in
            for member in device.summary.objectValue?.members ?? [] {
                print("\(member.key): \(member.value.stringValue ?? member.value.description)")
            }
        }
    }
}

struct RemoveDeviceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a device with its history.",
        discussion: "It is told nothing and keeps its settings; it is heard no more.")

    @OptionGroup var chosen: ChosenDevice

    func run() async throws {
        try await self.chosen.withDevice { hub, device in
            try await hub.removeDevice(device.id)
            print("Removed “\(device.name)” (\(device.externalID)).")
        }
    }
}

struct RenewTokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make a new token for a device and print it, this once; the old one is dead.")

    @OptionGroup var chosen: ChosenDevice

    func run() async throws {
        try await self.chosen.withDevice { hub, device in
            print(try await hub.renewToken(of: device.id).revealed)
        }
    }
}

extension Device {
    /// The device as the command line shows it.
    fileprivate var summary: JSONValue {
        [
            "id": .string(self.id.description), "externalId": .string(self.externalID.description),
            "name": .string(self.name), "type": JSONValue(self.type), "status": .string(self.status.rawValue),
            "statusReason": JSONValue(self.statusReason?.rawValue), "lastKnownState": .object(self.lastKnownState),
            "lastSeenAt": JSONValue(self.lastSeenAt?.description),
            "firmwareVersion": JSONValue(self.firmwareVersion), "chip": JSONValue(self.chip),
            "kitTag": JSONValue(self.kitTag), "placeId": .string(self.placeID.description),
            "zoneId": JSONValue(self.zoneID?.description), "createdAt": .string(self.createdAt.description),
            "updatedAt": .string(self.updatedAt.description),
        ]
    }
}
