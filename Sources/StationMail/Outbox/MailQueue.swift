import StationCore

/// The mails that wait, oldest first, and no more than so many of them.
struct MailQueue: Sendable {
    let capacity: Int
    private var mails: [QueuedMail] = []

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Adds one, a new one or one to be tried again. If that is one too many, the oldest goes and is returned.
    mutating func add(_ mail: QueuedMail) -> QueuedMail? {
        let index = self.mails.firstIndex { $0.number > mail.number } ?? self.mails.endIndex
        self.mails.insert(mail, at: index)
        return self.mails.count > self.capacity ? self.mails.removeFirst() : nil
    }

    /// Takes the oldest of those whose time has come.
    mutating func takeDue(at now: MonotonicInstant) -> QueuedMail? {
        self.mails.firstIndex { $0.dueAt <= now }.map { self.mails.remove(at: $0) }
    }

    mutating func takeAll() -> [QueuedMail] {
        defer { self.mails = [] }
        return self.mails
    }
}
