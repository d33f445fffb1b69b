import GRDB
public import StationCore
import Synchronization

extension StationHub {
    /// What a device reports as the cause of a failure is kept up to this length.
    public static let maximumUpdateErrorLength = 500

    /// The update that a device should be given now: the newest for its type and chip that is newer than what it runs
    /// and that it has not failed too often; `nil` when there is none.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func update(of id: DeviceID, running: RunningFirmware) async throws(StoreError) -> Firmware? {
        try await StoreError.wrapping("looking for an update") {
            try await self.writer.read { db in
                UpdateRule().newest(
                    of: try FirmwareTable(db: db).firmwares(of: running.type), for: running,
                    except: try OTALogTable(db: db).failedFirmwares(of: id)
                )
            }
        }
    }

    /// The devices that are online, for which a firmware is an update, and that have not failed it too often.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func devices(toOffer firmware: Firmware) async throws(StoreError) -> [DeviceID] {
        let failed = try await StoreError.wrapping("looking for devices to update") {
            try await self.writer.read { try OTALogTable(db: $0).failedDevices(with: firmware.id) }
        }
        return self.devices().filter { device in
            guard device.status == .online, !failed.contains(device.id), let running = device.runningFirmware else {
                return false
            }
            return UpdateRule().isUpdate(firmware, of: running)
        }.map(\.id)
    }

    /// Takes up how far a device has come with an update; what has changed stands in the activity feed.
    ///
    /// - Parameter error: Why it failed, in the device's words.
    /// - Throws: `FirmwareError.notFound`, `.tooManyReports` beyond what one device may say (contract 1, rule 11),
    ///   `StoreError.deviceNotFound`, `.unavailable`.
    public func noteUpdate(
        _ status: UpdateStatus, error: String? = nil, with firmwareID: FirmwareID, of id: DeviceID
    ) async throws {
        let mayReport = self.live.withLock { live in
            guard let index = live.index(of: id) else { return true }
            return live.slots[index].bucket.take(self.settings.deviceRate, at: self.clock.now)
        }
        guard mayReport else { throw FirmwareError.tooManyReports }
        let error = error.map {
            String(String.UnicodeScalarView($0.unicodeScalars.prefix(Self.maximumUpdateErrorLength)))
        }
        let isKnown = try await self.commit("recording an update") { db in
            guard self.device(id) != nil, try DeviceTable(db: db).device(id) != nil else {
                throw StoreError.deviceNotFound(id.description)
            }
            guard let firmware = try FirmwareTable(db: db).firmware(firmwareID) else { return (false, CommitEffects()) }
            let time = self.clock.wallTime
            if try OTALogTable(db: db).move(id, firmwareID, to: status, error: error, at: time) {
                var payload: JSONObject = [
                    "firmwareId": .string(firmwareID.description), "version": .string(firmware.version.description),
                    "status": .string(status.rawValue),
                ]
                payload["error"] = error.map(JSONValue.string)
                try EventTable(db: db).insert(DeviceEvent(.ota, of: id, payload: payload, at: time))
            }
            return (true, CommitEffects())
        }
        guard isKnown else { throw FirmwareError.notFound(firmwareID.description) }
    }
}

extension Device {
    /// What it runs, as far as it has told.
    public var runningFirmware: RunningFirmware? {
        RunningFirmware(type: self.type, chip: self.chip, version: self.firmwareVersion)
    }
}
