import StationCore

extension LiveStation {
    /// Judges what a report says against the thresholds of its device (contract 2, "Alert rules").
    ///
    /// - Parameters:
    ///   - state: The state with the report in it.
    ///   - isMeasuredTime: Whether `time` is the device's own.
    mutating func evaluate(
        _ patch: JSONObject, in state: JSONObject, of index: Int, at time: Timestamp, isMeasuredTime: Bool,
        wallTime: Timestamp, counts: inout IngestCounts
    ) {
        // Taken out and put back: a change in place would copy nothing, but could not call `self` in between.
        var watches: [SensorWatch] = []
        swap(&watches, &self.slots[index].watches)
        let device = self.slots[index].device
        for sensor in watches.indices {
            let key = watches[sensor].key
            guard patch[key] != nil, let value = state[key]?.watchedValue,
                watches[sensor].order.admits(time, isMeasuredTime: isMeasuredTime, now: wallTime)
            else { continue }
            for number in watches[sensor].thresholds.indices {
                self.judge(
                    value, at: time, by: &watches[sensor].thresholds[number], key: key, of: device, wallTime: wallTime,
                    counts: &counts
                )
            }
        }
        swap(&watches, &self.slots[index].watches)
    }

    private mutating func judge(
        _ value: Double, at time: Timestamp, by watch: inout ThresholdWatch, key: String, of device: Device,
        wallTime: Timestamp, counts: inout IngestCounts
    ) {
        switch watch.rule.take(value, at: time, in: &watch.phase) {
        case .unchanged: break
        case .opens(let tally):
            let alert = Alert(
                id: .make(at: wallTime), placeID: device.placeID, deviceID: device.id, key: key,
                threshold: watch.threshold, tally: tally, createdAt: wallTime
            )
            watch.alert = alert
            self.alertBacklog.opened(alert)
        case .updates(let tally):
            guard var alert = watch.alert else { return }
            alert.tally = tally
            alert.placeID = device.placeID
            watch.alert = alert
            self.alertBacklog.updated(alert)
        case .resolves:
            guard var alert = watch.alert else { return }
            watch.alert = nil
            alert.tally.lastValue = value
            alert.placeID = device.placeID
            alert.resolvedAt = wallTime
            counts.droppedRows += self.alertBacklog.resolved(alert)
        }
    }

    /// An open alert as memory knows it, later readings included; `nil` when memory has none of that id.
    func openAlert(_ id: AlertID, of device: DeviceID) -> Alert? {
        self.index(of: device).flatMap { self.slots[$0].watches.alert(id) }
    }

    /// Forgets an alert that was ended by somebody, or never reached the store.
    mutating func close(_ alert: Alert) {
        self.alertBacklog.forget(alert.id)
        self.update(alert.deviceID) { $0.watches.replace(alert.id, of: alert.thresholdID, with: nil) }
    }
}

extension JSONValue {
    /// What a threshold compares: a number, or 1 and 0 for a boolean.
    fileprivate var watchedValue: Double? {
        self.doubleValue ?? self.boolValue.map { $0 ? 1 : 0 }
    }
}
