import StationCore

/// What memory knows of alerts and the store does not yet: openings and endings, which are urgent and announced only
/// once they are committed, and how open ones stand, which goes with an ordinary flush.
struct AlertBacklog {
    /// An opening, an ending, or both.
    struct Entry {
        var alert: Alert
        var opens: Bool
        var resolves: Bool

        /// The alert as it was when it opened.
        var opened: Alert {
            var alert = self.alert
            alert.resolvedAt = nil
            return alert
        }
    }

    /// While the store does not take anything, so many alerts that have opened and ended meanwhile are kept; of more,
    /// the oldest go. All others are bounded by the number of thresholds.
    static let maximumEpisodes = 1000

    /// In the order in which they came.
    private(set) var entries: [Entry] = []
    private var tallies: [AlertID: Alert] = [:]

    var isEmpty: Bool { self.entries.isEmpty && self.tallies.isEmpty }

    mutating func opened(_ alert: Alert) {
        self.entries.append(Entry(alert: alert, opens: true, resolves: false))
    }

    mutating func updated(_ alert: Alert) {
        if let index = self.index(of: alert.id) {
            self.entries[index].alert = alert
        } else {
            self.tallies[alert.id] = alert
        }
    }

    /// Returns how many alerts had to be given up.
    mutating func resolved(_ alert: Alert) -> Int {
        self.tallies[alert.id] = nil
        guard let index = self.index(of: alert.id) else {
            self.entries.append(Entry(alert: alert, opens: false, resolves: true))
            return 0
        }
        self.entries[index].alert = alert
        self.entries[index].resolves = true
        return self.trim()
    }

    /// Forgets an alert that has been ended elsewhere.
    mutating func forget(_ id: AlertID) {
        self.tallies[id] = nil
        self.entries.removeAll { $0.alert.id == id }
    }

    /// Forgets the alerts of a device that is gone.
    mutating func remove(_ device: DeviceID) {
        self.tallies = self.tallies.filter { $0.value.deviceID != device }
        self.entries.removeAll { $0.alert.deviceID == device }
    }

    /// Alerts of a device that the store has as open and that have ended since.
    func ended(of device: DeviceID) -> [Alert] {
        self.entries.filter { $0.alert.deviceID == device && !$0.opens }.map(\.alert)
    }

    /// Whether an alert waits to be written as opened or ended.
    func isOnItsWay(_ id: AlertID) -> Bool {
        self.index(of: id) != nil
    }

    /// Takes out what was committed; what has changed since stays.
    mutating func settle(_ committed: [Entry]) {
        for done in committed {
            guard let index = self.index(of: done.alert.id) else { continue }
            let entry = self.entries[index]
            if entry.resolves && !done.resolves {
                self.entries[index].opens = false
                continue
            }
            self.entries.remove(at: index)
            if !entry.resolves, entry.alert != done.alert { self.tallies[entry.alert.id] = entry.alert }
        }
    }

    /// Hands over how open alerts stand.
    mutating func takeTallies() -> [Alert] {
        defer { self.tallies = [:] }
        return Array(self.tallies.values)
    }

    /// Puts back what could not be written.
    mutating func giveBack(_ tallies: [Alert]) {
        for alert in tallies where self.tallies[alert.id] == nil && self.index(of: alert.id) == nil {
            self.tallies[alert.id] = alert
        }
    }

    private func index(of id: AlertID) -> Int? {
        self.entries.firstIndex { $0.alert.id == id }
    }

    private mutating func trim() -> Int {
        var surplus = self.entries.count { $0.opens && $0.resolves } - Self.maximumEpisodes
        guard surplus > 0 else { return 0 }
        let before = self.entries.count
        self.entries.removeAll { entry in
            guard surplus > 0, entry.opens, entry.resolves else { return false }
            surplus -= 1
            return true
        }
        return before - self.entries.count
    }
}
