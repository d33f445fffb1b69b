import Glibc
import Logging
import StationCore

/// Where all loggers of the process write to, and how.
struct LogOutlet: Sendable {
    let format: LogFormat
    let sink: LogSink
    /// Turn it to change the level of every logger at once.
    let levels: LogLevelSwitch
    let clock: any StationClock

    init(
        format: LogFormat, level: Logger.Level, sink: LogSink, clock: any StationClock = SystemStationClock()
    ) {
        self.format = format
        self.sink = sink
        self.levels = LogLevelSwitch(level)
        self.clock = clock
    }

    /// The process's standard error, as the configuration wants it.
    init(_ section: LogSection, surroundings: ProcessSurroundings) {
        self.init(
            format: section.format, level: section.level,
            sink: .standardError(environment: surroundings.environment))
    }

    func handler(label: String) -> StationLogHandler {
        StationLogHandler(
            label: label, format: self.format, sink: self.sink, levels: self.levels, clock: self.clock)
    }

    /// A logger of this outlet, whether or not `install` was called.
    func logger(_ label: String) -> Logger {
        Logger(label: label) { self.handler(label: $0) }
    }

    /// Makes this the outlet of every logger that is made from now on. Once in a process.
    func install() {
        // A reader of the log that goes away must not take the station with it.
        signal(SIGPIPE, SIG_IGN)
        LoggingSystem.bootstrap { self.handler(label: $0) }
    }
}
