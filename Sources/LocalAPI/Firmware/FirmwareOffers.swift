import Logging
import ServiceLifecycle
import StationCore
import StationData

/// Tells devices of an update, one after the other at a bearable rate, while nobody waits for it; none while the radio is
/// to be left alone, for a device that is told begins to download.
///
/// Who is not told, because it went offline or the broker is away, learns of it when it asks itself.
final class FirmwareOffers: Service {
    /// Not all lamps of a house shall fetch and restart in the same moment.
    private static let pause = Duration.milliseconds(250)
    private static let maximumWaiting = 10_000

    private struct Offer: Sendable {
        let firmware: Firmware
        let deviceID: DeviceID
    }

    private let hub: StationHub
    private let commander: DeviceCommander
    let address: FirmwareAddress
    private let radio: RadioQuiet
    private let clock: any StationClock
    private let logger: Logger
    private let waiting = Mailbox<DeviceID, Offer>(capacity: maximumWaiting)

    init(
        hub: StationHub, commander: DeviceCommander, address: FirmwareAddress, radio: RadioQuiet,
        clock: any StationClock, logger: Logger
    ) {
        self.hub = hub
        self.commander = commander
        self.address = address
        self.radio = radio
        self.clock = clock
        self.logger = logger
    }

    /// Puts devices into the queue. A device that waits already is told of this firmware instead of the other.
    func offer(_ firmware: Firmware, to devices: [DeviceID]) {
        for id in devices { self.waiting.post(Offer(firmware: firmware, deviceID: id), key: id) }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await element in self.waiting {
                guard case .message(let offer) = element else {
                    self.logger.warning("too many devices wait for an offer of firmware; they learn when they ask")
                    continue
                }
                guard await self.radio.waitUntilOver() else { return }
                // Meanwhile something newer may have come for it.
                guard !self.waiting.holds(offer.deviceID) else { continue }
                await self.tell(offer)
                // Cancellation is the only error, and the loop ends with it.
                await self.clock.pause(for: Self.pause)
            }
        }
    }

    private func tell(_ offer: Offer) async {
        let firmware = offer.firmware
        do {
            // Judged once more: meanwhile it may have updated itself, or somebody has thrown the image away.
            guard let device = self.hub.device(offer.deviceID), device.status == .online,
                let running = device.runningFirmware, UpdateRule().isUpdate(firmware, of: running),
                try await self.hub.firmware(firmware.id) != nil
            else { return }
            _ = try await self.commander.send(
                [
                    "action": "ota_update", "url": .string(try await self.address.url(of: firmware.file)),
                    "version": .string(firmware.version.description), "firmware_id": .string(firmware.id.description),
                ],
                to: offer.deviceID
            )
            try await self.hub.noteUpdate(.pending, with: firmware.id, of: offer.deviceID)
        } catch {
            self.logger.info(
                "a device could not be told of an update",
                metadata: [
                    "device": "\(offer.deviceID)", "firmware": "\(firmware.file)",
                    "error": "\(APIError(error).message)",
                ]
            )
        }
    }
}
