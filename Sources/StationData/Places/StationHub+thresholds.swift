import GRDB
public import StationCore

extension StationHub {
    /// The thresholds of a sensor, oldest first.
    ///
    /// - Throws: `StoreError.deviceNotFound`, `.notFound`, `.unavailable`.
    public func thresholds(of sensorID: SensorID, of deviceID: DeviceID) async throws(StoreError) -> [Threshold] {
        try await self.read("reading thresholds") { db in
            _ = try self.sensor(sensorID, of: deviceID, in: db)
            return try ThresholdTable(db: db).thresholds(of: sensorID)
        }
    }

    /// Sets a threshold; the next reading is judged by it.
    ///
    /// - Throws: `StoreError.deviceNotFound`, `.notFound`, `.invalid`, `.conflict` for a sensor that has too many,
    ///   `.unavailable`.
    public func addThreshold(
        _ new: NewThreshold, to sensorID: SensorID, of deviceID: DeviceID
    ) async throws(StoreError) -> Threshold {
        try await self.commit("setting a threshold") { db in
            let sensor = try self.sensor(sensorID, of: deviceID, in: db)
            try self.validate(new)
            let table = ThresholdTable(db: db)
            guard try table.thresholds(of: sensorID).count < Threshold.maximumCount else {
                throw StoreError.conflict(
                    field: "value", value: "\(new.value)",
                    message: "A sensor has at most \(Threshold.maximumCount) thresholds."
                )
            }
            let time = self.clock.wallTime
            let threshold = Threshold(
                id: .make(at: time), sensorID: sensorID, kind: new.kind, value: new.value, severity: new.severity,
                clearBand: new.clearBand, forSeconds: new.forSeconds, createdAt: time
            )
            try table.insert(threshold)
            let watch = ThresholdWatch(threshold)
            let effects = CommitEffects(
                changes: [{ live in live.update(deviceID) { $0.watches.add(watch, key: sensor.key) } }]
            )
            return (threshold, effects)
        }
    }

    private func validate(_ new: NewThreshold) throws(StoreError) {
        guard new.value.isFinite else {
            throw .invalid(field: "value", message: "“value” is \(new.value); it must be a finite number.")
        }
        if let band = new.clearBand, !band.isFinite || band < 0 {
            throw .invalid(field: "clear_band", message: "“clear_band” is \(band); it must be 0 or more, or null.")
        }
        if let seconds = new.forSeconds, !(0...Threshold.maximumForSeconds).contains(seconds) {
            throw .invalid(
                field: "for_seconds",
                message: "“for_seconds” is \(seconds); it must be from 0 to \(Threshold.maximumForSeconds), or null."
            )
        }
    }

    /// Takes a threshold away; its alert ends.
    ///
    /// - Throws: `StoreError.deviceNotFound`, `.notFound`, `.unavailable`.
    public func removeThreshold(
        _ id: ThresholdID, of sensorID: SensorID, of deviceID: DeviceID
    ) async throws(StoreError) {
        try await self.commit("removing a threshold") { db in
            _ = try self.sensor(sensorID, of: deviceID, in: db)
            guard try ThresholdTable(db: db).threshold(id, of: sensorID) != nil else {
                throw StoreError.notFound(.threshold, id: id.description)
            }
            let alerts = try AlertTable(db: db).open(of: deviceID).filter { $0.thresholdID == id }
            var effects = try self.end(alerts, at: self.clock.wallTime, in: db)
            try ThresholdTable(db: db).delete(id)
            effects.changes.append { live in live.update(deviceID) { $0.watches.remove(id) } }
            return ((), effects)
        }
    }
}
