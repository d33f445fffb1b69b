/// The cloud, if there is one.
struct CloudSection: Sendable, Equatable {
    let address: CloudAddress?
    let caFile: String?
    let maxBackoff: Duration

    init(_ values: inout ConfigurationValues) {
        self.address = values.read(ConfigurationCatalogue.cloudHost)
        self.caFile = values.read(ConfigurationCatalogue.cloudCAFile)
        self.maxBackoff = values.read(ConfigurationCatalogue.cloudMaxBackoff)
    }
}
