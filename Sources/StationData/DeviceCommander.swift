public import StationCore

/// Sends commands: checks them against the device's type, hands them to the broker, records them.
public struct DeviceCommander: Sendable {
    private let hub: StationHub
    private let channel: any CommandChannel
    private let clock: any StationClock

    public init(hub: StationHub, channel: any CommandChannel, clock: any StationClock) {
        self.hub = hub
        self.channel = channel
        self.clock = clock
    }

    /// Tells a device to do something and returns once the broker took it and it is on record, or cannot be put on
    /// record now: a light obeys on a full disk, too.
    ///
    /// Its effect is only believed when the device reports its state again.
    ///
    /// - Throws: `StoreError.deviceNotFound`, `CommandRefusal` before anything was published,
    ///   `CommandDeliveryError` when it was not delivered and will not be.
    public func send(_ body: JSONObject, to id: DeviceID) async throws -> SentCommand {
        guard let device = self.hub.device(id) else { throw StoreError.deviceNotFound(id.description) }
        let command = try DeviceCommand(id: .make(at: self.clock.wallTime), body: body)
        try self.hub.registry.validate(command, forType: device.type)
        let isRecorded = try await self.deliver(command, to: device)
        return SentCommand(command: command, isRecorded: isRecorded)
    }

    /// Sets an actuator of a device, in the words that the device understands.
    ///
    /// - Parameter value: As text, whatever its type (contract 2, "Places": `command`).
    /// - Throws: `StoreError.deviceNotFound`, `.notFound` for an unknown actuator; `ActuatorValueError` and
    ///   `CommandRefusal` before anything was published; `CommandDeliveryError` when it was not delivered and will not
    ///   be.
    public func set(_ key: String, to value: String, of id: DeviceID) async throws {
        guard let device = self.hub.device(id) else { throw StoreError.deviceNotFound(id.description) }
        let value = try ActuatorValue(value, for: await self.hub.actuator(key, of: id))
        let body = try self.body(setting: key, to: value, of: device)
        try await self.deliver(DeviceCommand(id: .make(at: self.clock.wallTime), body: body), to: device)
    }

    /// A type's own command; the general one for devices whose dialect or type says nothing else.
    private func body(
        setting key: String, to value: ActuatorValue, of device: Device
    ) throws(CommandRefusal) -> JSONObject {
        let type = self.hub.registry[device.type]
        if device.address?.dialect != .placebrain, let type, type.commands != nil {
            guard let body = type.command(setting: key, to: value.json) else {
                throw CommandRefusal(
                    code: .notExpressible, field: "actuator_key",
                    message: "A device of type “\(type.id)” has no command that sets “\(key)”."
                )
            }
            return body
        }
        return ["action": "set_actuator", "actuator_key": .string(key), "value": .string(value.text)]
    }

    /// - Returns: Whether it is on record.
    @discardableResult
    private func deliver(_ command: DeviceCommand, to device: Device) async throws -> Bool {
        try await self.channel.send(
            command, to: CommandTarget(externalID: device.externalID, address: device.address)
        )
        return await self.hub.record(command, for: device.id)
    }
}
