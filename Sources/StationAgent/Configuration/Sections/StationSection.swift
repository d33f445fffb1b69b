import StationCore

/// Who this station is.
struct StationSection: Sendable, Equatable {
    /// Nil: the one in the secrets file, made at the first start.
    let id: StationID?
    let name: String

    init(_ values: inout ConfigurationValues) {
        self.id = values.read(ConfigurationCatalogue.stationID)
        self.name = values.read(ConfigurationCatalogue.stationName)
    }
}
