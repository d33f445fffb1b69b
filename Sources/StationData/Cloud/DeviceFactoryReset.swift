public import Logging
public import StationCore

/// Sends devices back to how they left the factory, over the way by which all commands go. Nothing of it is recorded:
/// with many devices the record alone would take longer than the time that there is.
public struct DeviceFactoryReset: FactoryReset {
    /// As many devices are told at a time.
    private static let width = 64
    private static let pause = Duration.milliseconds(250)

    private let hub: StationHub
    private let channel: any CommandChannel
    private let clock: any StationClock
    private let logger: Logger

    public init(hub: StationHub, channel: any CommandChannel, clock: any StationClock, logger: Logger) {
        self.hub = hub
        self.channel = channel
        self.clock = clock
        self.logger = logger
    }

    public func factoryResetAll(within time: Duration) async {
        let devices = self.hub.devices()
        guard !devices.isEmpty else { return }
        do {
            let told: Void? = try await self.clock.limit(to: time) { await self.tell(devices) }
            guard told == nil else { return }
            self.logger.warning("not every device was told to reset itself: the broker did not take it in time")
        } catch {
            // The agent is stopping; the reset is on record and goes on at the next start.
        }
    }

    private func tell(_ devices: [Device]) async {
        await withDiscardingTaskGroup { group in
            for first in 0..<min(Self.width, devices.count) {
                group.addTask {
                    for index in stride(from: first, to: devices.count, by: Self.width) {
                        await self.tell(devices[index])
                    }
                }
            }
        }
    }

    /// Returns when the broker took it, or when it cannot be said to this device.
    private func tell(_ device: Device) async {
        while !Task.isCancelled {
            do {
                let command = try DeviceCommand(id: .make(at: self.clock.wallTime), body: ["action": "factory_reset"])
                try self.hub.registry.validate(command, forType: device.type)
                try await self.channel.send(
                    command, to: CommandTarget(externalID: device.externalID, address: device.address)
                )
                return
            } catch is CommandDeliveryError {
                // The broker may be on its way, as right after a start. Cancellation ends the loop as well.
                await self.clock.pause(for: Self.pause)
            } catch {
                self.logger.info(
                    "a device cannot be told to reset itself",
                    metadata: ["device": "\(device.id)", "error": "\(error)"])
                return
            }
        }
    }
}
