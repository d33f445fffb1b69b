import ArgumentParser
import StationCore
import StationData

/// `station-agent cloud …`: whether the station is claimed, and ending that, with or without a running daemon.
struct CloudCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cloud",
        abstract: "Show whether a cloud has claimed the station, and end that.",
        discussion: "Works on the station's store directly; a running daemon notices within a second.",
        subcommands: [CloudStatusCommand.self, CloudUnclaimCommand.self, CloudTakeBackCommand.self]
    )
}

struct CloudStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show whether a cloud has claimed the station.",
        discussion: "How the link itself stands, the daemon says: GET /api/cloud/status."
    )

    @OptionGroup var options: ConfigurationOptions
    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await self.options.withStation { hub, configuration in
            let summary = Self.summary(of: hub, host: configuration.cloud.address?.description)
            if self.json {
                print(JSONValue.object(summary))
            } else {
                for member in summary.members { print("\(member.key): \(Self.text(member.value))") }
            }
        }
    }

    private static func summary(of hub: StationHub, host: String?) -> JSONObject {
        let claim = hub.cloudClaim
        return [
            "host": JSONValue(host), "claimed": .bool(claim.isClaimed),
            "claimedAt": JSONValue(claim.claimedAt?.description), "chipId": .string(claim.chipID),
            "activeChannels": .array(claim.channels.map(\.rawValue).sorted().map(JSONValue.string)),
            "outboxDepth": .integer(Int64(hub.outboxDepth)), "resetUnderWay": .bool(claim.resetStep != nil),
        ]
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .null: "–"
        case .bool(let isSo): isSo ? "yes" : "no"
        case .array(let elements): elements.compactMap(\.stringValue).joined(separator: ", ")
        default: value.stringValue ?? value.description
        }
    }
}

struct CloudUnclaimCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unclaim", abstract: "End the cloud's hold on the station; users, devices and history stay."
    )

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        try await self.options.withHub { hub in
            guard hub.cloudClaim.isClaimed || hub.tokenAside != nil else {
                print("No cloud has claimed this station.")
                return
            }
            try await hub.unclaim()
            print("The station is unclaimed; what was waiting for the cloud is forgotten.")
        }
    }
}

struct CloudTakeBackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "take-back",
        abstract: "Use the token again that the cloud has refused, within a day: the cloud was wrong."
    )

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        try await self.options.withHub { hub in
            guard try await hub.takeTokenBack() else {
                print("There is no token that was set aside in the last 24 hours, or the station is claimed.")
                throw AgentExit.failure
            }
            print("The station is claimed as before; the daemon connects within a second.")
        }
    }
}
