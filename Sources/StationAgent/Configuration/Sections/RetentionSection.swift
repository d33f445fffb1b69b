/// How long things are kept.
struct RetentionSection: Sendable, Equatable {
    let readings: Duration
    let events: Duration

    init(_ values: inout ConfigurationValues) {
        self.readings = values.read(ConfigurationCatalogue.retentionReadings)
        self.events = values.read(ConfigurationCatalogue.retentionEvents)
    }
}
