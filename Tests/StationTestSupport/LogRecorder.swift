public import Logging
import Synchronization

/// Keeps what is logged.
public final class LogRecorder: Sendable {
    public struct Line: Sendable {
        public let level: Logger.Level
        public let message: String
        public let metadata: [String: String]
    }

    private let recorded = Mutex<[Line]>([])

    public init() {}

    public var lines: [Line] { self.recorded.withLock { $0 } }

    public var logger: Logger {
        Logger(label: "test") { _ in Handler(recorder: self) }
    }

    /// The lines that say `message`.
    public func lines(_ message: String) -> [Line] {
        self.lines.filter { $0.message == message }
    }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let line = Line(
                level: event.level, message: "\(event.message)", metadata: (event.metadata ?? [:]).mapValues { "\($0)" }
            )
            self.recorder.recorded.withLock { $0.append(line) }
        }
    }
}
