import StationCore

/// A message for the clients of `/ws` that is written when somebody wants it.
struct LiveDraft {
    let subject: LiveSubject
    let write: () -> String

    init(subject: LiveSubject, write: @escaping () -> String) {
        self.subject = subject
        self.write = write
    }

    var message: LiveMessage { .news(self.subject, text: self.write()) }

    /// State of a device replaces its older state.
    var key: LiveKey? { self.subject.topic == .deviceState ? self.subject.device.map(LiveKey.state) : nil }
}
