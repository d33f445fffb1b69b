import Logging
import StationCore

/// Writes events as lines.
struct StationLogHandler: LogHandler {
    private let label: String
    private let format: LogFormat
    private let sink: LogSink
    private let levels: LogLevelSwitch
    private let clock: any StationClock
    private var ownLevel: Logger.Level?
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(label: String, format: LogFormat, sink: LogSink, levels: LogLevelSwitch, clock: any StationClock) {
        self.label = label
        self.format = format
        self.sink = sink
        self.levels = levels
        self.clock = clock
    }

    /// That of all loggers, until this one is given its own.
    var logLevel: Logger.Level {
        get { self.ownLevel ?? self.levels.level }
        set { self.ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    /// What the event says goes before what the surrounding work says, and that before what the logger always says.
    func log(event: LogEvent) {
        var metadata = self.metadata
        if let provided = self.metadataProvider?.get() { metadata.merge(provided) { $1 } }
        if let own = event.metadata { metadata.merge(own) { $1 } }
        if let error = event.error, metadata["error"] == nil { metadata["error"] = "\(error)" }
        let line = LogLine(
            time: self.clock.wallTime, level: event.level, label: self.label, message: event.message.description,
            metadata: metadata)
        self.sink.write(line.bytes(self.format, isJournal: self.sink.isJournal))
    }
}
