import StationCore
import SystemBus

/// What is known of the machine's clock, and what to think of it. A Pi without a battery wakes up in the past.
struct ClockFacts: Sendable {
    /// What the clock may be corrected by without anything being wrong.
    private static let tolerance = Duration.seconds(120)

    let time: Timestamp
    /// The latest time that the daemon has seen.
    let floor: Timestamp?
    /// Whether a time server is listened to; `nil` when nobody tells.
    let isSynchronized: Bool?
    /// Whether one is to be listened to; `nil` when nobody tells.
    let isAutomatic: Bool?

    var check: DoctorCheck {
        let name = "clock"
        let remedy = "sudo timedatectl set-ntp true; timedatectl timesync-status"
        if let floor, floor > self.time.adding(Self.tolerance) {
            return .failed(
                name, "the clock says \(self.time), yet it has already been \(floor): nobody can sign in",
                remedy: remedy
            )
        }
        switch (self.isSynchronized, self.isAutomatic) {
        case (true?, _): return .ok(name, "\(self.time), set by a time server")
        case (false?, false?):
            return .warning(name, "\(self.time), but no time server sets it", remedy: "sudo timedatectl set-ntp true")
        case (false?, _):
            return .warning(name, "\(self.time), but no time server has been heard yet", remedy: remedy)
        case (nil, _): return .ok(name, "\(self.time); nobody here tells whether a time server sets it")
        }
    }
}

extension Doctor {
    /// Whether the clock is right, as far as the machine can know.
    func examineClock(_ bus: DoctorBus, floor: Timestamp?, at time: Timestamp) async -> DoctorCheck {
        let name = "org.freedesktop.timedate1"
        // Left to themselves these are started when they are asked, and end again.
        let told = await bus.told(of: name, service: name, path: "/org/freedesktop/timedate1", startsService: true)
        let facts = ClockFacts(
            time: time, floor: floor,
            isSynchronized: told?["NTPSynchronized"]?.bool
                ?? (self.host.exists("/run/systemd/timesync/synchronized") ? true : nil),
            isAutomatic: told?["NTP"]?.bool
        )
        return facts.check
    }
}
