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

    /// Tells a device to do something and returns once the broker took it and it is on record.
    ///
    /// Its effect is only believed when the device reports its state again.
    ///
    /// - Throws: `StoreError.deviceNotFound`, `CommandRefusal` before anything was published,
    ///   `CommandDeliveryError` when it was not delivered and will not be.
    public func send(_ body: JSONObject, to id: DeviceID) async throws -> DeviceCommand {
        guard let device = self.hub.device(id) else { throw StoreError.deviceNotFound(id.description) }
        let command = try DeviceCommand(id: .make(at: self.clock.wallTime), body: body)
        try self.hub.registry.validate(command, forType: device.type)
        try await self.channel.send(
            command, to: CommandTarget(externalID: device.externalID, address: device.address)
        )
        await self.hub.record(command, for: id)
        return command
    }
}
