import GRDB
import StationCore

/// A sensor with thresholds, and how they stand: part of a device in memory.
struct SensorWatch {
    let sensorID: SensorID
    let key: String
    var order = EvaluationOrder()
    var thresholds: [ThresholdWatch] = []
}

/// A threshold and what its readings have made of it.
struct ThresholdWatch {
    let threshold: Threshold
    let rule: ThresholdRule
    var phase = ThresholdRule.Phase.quiet
    /// The one that is open, committed or on its way to the store.
    var alert: Alert?

    init(_ threshold: Threshold, alert: Alert? = nil) {
        self.threshold = threshold
        self.rule = ThresholdRule(threshold)
        self.adopt(alert)
    }

    mutating func adopt(_ alert: Alert?) {
        self.alert = alert
        self.phase = alert.map { .open($0.tally) } ?? .quiet
    }
}

/// The thresholds of the station and its open alerts, as the store has them.
struct StoredWatches {
    private var byDevice: [DeviceID: [SensorWatch]] = [:]

    init(_ db: Database) throws {
        let alerts = Dictionary(
            try AlertTable(db: db).open().map { ($0.thresholdID, $0) }, uniquingKeysWith: { $1 }
        )
        for (device, key, threshold) in try ThresholdTable(db: db).watched() {
            let watch = ThresholdWatch(threshold, alert: alerts[threshold.id])
            self.byDevice[device, default: []].add(watch, key: key)
        }
    }

    subscript(device: DeviceID) -> [SensorWatch] {
        self.byDevice[device] ?? []
    }
}

extension [SensorWatch] {
    mutating func add(_ watch: ThresholdWatch, key: String) {
        let index = self.firstIndex { $0.sensorID == watch.threshold.sensorID }
        if index == nil { self.append(SensorWatch(sensorID: watch.threshold.sensorID, key: key)) }
        self[index ?? self.count - 1].thresholds.append(watch)
    }

    mutating func remove(_ sensor: SensorID) {
        self.removeAll { $0.sensorID == sensor }
    }

    mutating func remove(_ threshold: ThresholdID) {
        for index in self.indices { self[index].thresholds.removeAll { $0.threshold.id == threshold } }
        self.removeAll { $0.thresholds.isEmpty }
    }

    var openAlerts: [Alert] {
        self.flatMap { $0.thresholds.compactMap(\.alert) }
    }

    func alert(_ id: AlertID) -> Alert? {
        for sensor in self {
            for watch in sensor.thresholds where watch.alert?.id == id { return watch.alert }
        }
        return nil
    }

    func watch(of threshold: ThresholdID) -> ThresholdWatch? {
        for sensor in self {
            for watch in sensor.thresholds where watch.threshold.id == threshold { return watch }
        }
        return nil
    }

    /// Puts another alert, or none, in the place of one that is no longer what it was.
    mutating func replace(_ id: AlertID?, of threshold: ThresholdID, with alert: Alert?) {
        for sensor in self.indices {
            for index in self[sensor].thresholds.indices
            where self[sensor].thresholds[index].threshold.id == threshold
                && self[sensor].thresholds[index].alert?.id == id
            {
                self[sensor].thresholds[index].adopt(alert)
            }
        }
    }

    /// The thresholds as the store has them, each as far as memory knows better as it stands here.
    func merged(with stored: [SensorWatch], _ backlog: AlertBacklog) -> [SensorWatch] {
        stored.map { sensor in
            var sensor = sensor
            sensor.order = self.first { $0.sensorID == sensor.sensorID }?.order ?? sensor.order
            sensor.thresholds = sensor.thresholds.map { stored in
                self.watch(of: stored.threshold.id)?.merged(with: stored, backlog) ?? stored
            }
            return sensor
        }
    }
}

extension ThresholdWatch {
    fileprivate func merged(with stored: ThresholdWatch, _ backlog: AlertBacklog) -> ThresholdWatch {
        guard self.alert?.id != stored.alert?.id else { return self }
        // What memory has opened or ended a moment ago, the store does not know yet.
        if let alert = self.alert ?? stored.alert, backlog.isOnItsWay(alert.id) { return self }
        return stored
    }
}
