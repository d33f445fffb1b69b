/// When readings are written (contract 7, “Clock and storage”).
struct TelemetrySection: Sendable, Equatable {
    let flushInterval: Duration
    let flushRows: Int

    init(_ values: inout ConfigurationValues) {
        self.flushInterval = values.read(ConfigurationCatalogue.telemetryFlushInterval)
        self.flushRows = values.read(ConfigurationCatalogue.telemetryFlushRows)
    }
}
