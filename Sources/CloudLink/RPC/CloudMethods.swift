import StationCore
import StationData

/// What the cloud can call (contract 4, "Cloud → station").
struct CloudMethods: Sendable {
    let hub: StationHub
    let commander: DeviceCommander
    /// Called when the cloud has chosen other channels.
    let channelsChanged: @Sendable () -> Void

    var table: [String: JSONRPCPeer.Method] {
        [
            "device.command": self.command,
            "devices.snapshot": self.devices,
            "device_types.list": self.deviceTypes,
            "station.setActiveChannels": self.setActiveChannels,
        ]
    }

    // MARK: Methods

    @Sendable private func command(_ params: JSONValue?) async throws(JSONRPCError) -> JSONValue {
        let params = try Self.members(of: params)
        guard let id = params["deviceId"]?.stringValue else {
            throw .invalidParams("“deviceId” must be a string.")
        }
        guard let command = params["command"]?.objectValue else {
            throw .invalidParams("“command” must be an object.")
        }
        guard let device = DeviceID(id) else { throw .noSuchDevice("There is no device “\(id.prefix(64))”.") }
        do {
            _ = try await self.commander.send(command, to: device)
        } catch {
            throw JSONRPCError(error)
        }
        return ["status": "ok"]
    }

    @Sendable private func devices(_ params: JSONValue?) async throws(JSONRPCError) -> JSONValue {
        try Self.demandNothing(of: params)
        return ["devices": .array(self.hub.devices().map(\.json))]
    }

    @Sendable private func deviceTypes(_ params: JSONValue?) async throws(JSONRPCError) -> JSONValue {
        try Self.demandNothing(of: params)
        return ["deviceTypes": .array(self.hub.registry.types.map(\.shape))]
    }

    @Sendable private func setActiveChannels(_ params: JSONValue?) async throws(JSONRPCError) -> JSONValue {
        guard let names = try Self.members(of: params)["channels"]?.arrayValue else {
            throw .invalidParams("“channels” must be an array.")
        }
        var channels: Set<CloudChannel> = []
        for name in names {
            guard let channel = name.stringValue.flatMap(CloudChannel.init(rawValue:)) else {
                let known = CloudChannel.allCases.map(\.rawValue).joined(separator: ", ")
                throw .invalidParams("There is no channel \(name.description.prefix(64)); there are \(known).")
            }
            channels.insert(channel)
        }
        do throws(StoreError) {
            try await self.hub.setCloudChannels(channels)
        } catch {
            throw JSONRPCError(error)
        }
        self.channelsChanged()
        return ["ok": true]
    }

    // MARK: Params

    private static func members(of params: JSONValue?) throws(JSONRPCError) -> JSONObject {
        guard let params else { throw .invalidParams("they are missing.") }
        guard let members = params.objectValue else {
            throw .invalidParams("they are \(params.kind) and must be an object.")
        }
        return members
    }

    private static func demandNothing(of params: JSONValue?) throws(JSONRPCError) {
        guard params?.arrayValue?.isEmpty ?? true else {
            throw .invalidParams("this method takes none.")
        }
    }

    /// The ids that an `ack` names.
    static func acknowledged(by params: JSONValue?) throws(JSONRPCError) -> [String] {
        guard let ids = try Self.members(of: params)["eventIds"]?.arrayValue else {
            throw .invalidParams("“eventIds” must be an array.")
        }
        var texts: [String] = []
        for id in ids {
            guard let text = id.stringValue else {
                throw .invalidParams("“eventIds” must be an array of strings.")
            }
            texts.append(text)
        }
        return texts
    }
}

extension JSONRPCError {
    /// What the cloud is told of anything that a method throws; of what nobody foresaw it is told nothing.
    init(_ error: any Error) {
        switch error {
        case let error as JSONRPCError: self = error
        case StoreError.deviceNotFound(let id): self = .noSuchDevice("There is no device “\(id)”.")
        case is CommandDeliveryError: self = .brokerUnavailable("The station's broker cannot be reached.")
        case let error as CommandRefusal:
            self = .invalidParams(
                error.message, data: ["field": .string(error.field), "code": .string(error.code.rawValue)]
            )
        case is StoreError: self = .internalError("The station's store cannot be used just now.")
        case is CancellationError: self = .internalError("It was given up.")
        default: self = .internalError("Something went wrong inside the station.")
        }
    }
}
