/// Presence and limits of devices (contract 1, rules 6 and 11).
struct DevicesSection: Sendable, Equatable {
    let lastWillGrace: Duration
    let offlineAfter: Duration
    /// Messages a second.
    let maxRate: Int
    let maxBurst: Int

    init(_ values: inout ConfigurationValues) {
        self.lastWillGrace = values.read(ConfigurationCatalogue.devicesLastWillGrace)
        self.offlineAfter = values.read(ConfigurationCatalogue.devicesOfflineAfter)
        self.maxRate = values.read(ConfigurationCatalogue.devicesMaxRate)
        self.maxBurst = values.read(ConfigurationCatalogue.devicesMaxBurst)
        if self.lastWillGrace > self.offlineAfter {
            values.fault(
                ConfigurationCatalogue.devicesLastWillGrace.row,
                "it is longer than \(ConfigurationCatalogue.devicesOfflineAfter.row.name), which is "
                    + DurationText.write(self.offlineAfter),
                allowed: "at most the time after which a silent device is offline")
        }
    }
}
