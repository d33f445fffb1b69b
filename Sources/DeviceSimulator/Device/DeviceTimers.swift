import StationCore

/// What a virtual device waits for.
enum DeviceTimer: Int, Sendable, Hashable {
    case connect, handshake, heartbeat, report, motion, press, release, update
}

/// The deadlines of one device. There are never more than a few, so a short array beats every better structure.
struct DeviceTimers: Sendable {
    private struct Entry {
        let timer: DeviceTimer
        let deadline: MonotonicInstant
    }

    private var entries: [Entry] = []

    /// The earliest deadline.
    var next: MonotonicInstant? {
        self.entries.lazy.map(\.deadline).min()
    }

    mutating func set(_ timer: DeviceTimer, at deadline: MonotonicInstant) {
        self.cancel(timer)
        self.entries.append(Entry(timer: timer, deadline: deadline))
    }

    mutating func cancel(_ timer: DeviceTimer) {
        self.entries.removeAll { $0.timer == timer }
    }

    mutating func cancelAll(except kept: Set<DeviceTimer> = []) {
        self.entries.removeAll { !kept.contains($0.timer) }
    }

    /// Takes the timer that is due first; of those due at the same time the one named first in `DeviceTimer`.
    mutating func takeDue(at now: MonotonicInstant) -> DeviceTimer? {
        let first = self.entries.indices.min { one, other in
            (self.entries[one].deadline, self.entries[one].timer.rawValue)
                < (self.entries[other].deadline, self.entries[other].timer.rawValue)
        }
        guard let first, self.entries[first].deadline <= now else { return nil }
        return self.entries.remove(at: first).timer
    }
}
