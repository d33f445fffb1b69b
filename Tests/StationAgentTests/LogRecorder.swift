import Foundation
import Logging
import StationTestSupport

@testable import StationAgent

/// A log on a file of its own, written by the real handler.
final class LogRecorder: Sendable {
    let outlet: LogOutlet
    private let url: URL
    private let descriptor: Int32

    init(_ format: LogFormat = .text, level: Logger.Level = .trace, isJournal: Bool = false) {
        self.url = FileManager.default.temporaryDirectory.appending(path: "station-log-\(UUID().uuidString)")
        self.descriptor = open(self.url.path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        self.outlet = LogOutlet(
            format: format, level: level, sink: LogSink(descriptor: self.descriptor, isJournal: isJournal),
            clock: ManualClock())
    }

    deinit {
        close(self.descriptor)
        unlink(self.url.path)
    }

    var logger: Logger { self.outlet.logger("test") }

    /// The lines so far, without their ends.
    func lines() -> [String] {
        self.text().split(separator: "\n").map(String.init)
    }

    func text() -> String {
        String(decoding: (try? Data(contentsOf: self.url)) ?? Data(), as: UTF8.self)
    }
}
