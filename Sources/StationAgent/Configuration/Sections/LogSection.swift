import Logging

/// What is logged and how it looks.
struct LogSection: Sendable, Equatable {
    let level: Logger.Level
    let format: LogFormat

    init(_ values: inout ConfigurationValues) {
        self.level = values.read(ConfigurationCatalogue.logLevel)
        self.format = values.read(
            ConfigurationCatalogue.logFormat, deriving: values.surroundings.prefersJSON ? .json : .text)
    }
}
