import StationCore

/// When a scanner has silently died, and what is done about it: restart discovery, power-cycle the adapter, restart
/// `bluetoothd`, each after a minute of silence (contract 5, "What BlueZ really does").
///
/// Silence alone means nothing: with the last new device provisioned there is none to hear. So somebody must be
/// expected, that is, have been heard in the last minutes and not been sent away by us.
struct ScanLadder: Sendable, Hashable {
    enum Rung: Int, Sendable, Hashable, CaseIterable, CustomStringConvertible {
        case restartDiscovery
        case powerCycleAdapter
        case restartBluetoothd

        var description: String {
            switch self {
            case .restartDiscovery: "restarting discovery"
            case .powerCycleAdapter: "switching the adapter off and on"
            case .restartBluetoothd: "restarting bluetoothd"
            }
        }
    }

    static let silenceLimit: Duration = .seconds(60)
    /// So long a device that fell silent is expected back.
    static let expectation: Duration = .seconds(600)
    /// How many devices are remembered as expected.
    static let capacity = 256

    private var lastSign: MonotonicInstant
    private var nextRung: Rung? = .restartDiscovery
    private var heardAt: [String: MonotonicInstant] = [:]

    /// Begins with a scan that starts now.
    init(at now: MonotonicInstant) {
        self.lastSign = now
    }

    /// An advertisement came, whosever.
    mutating func heard(_ address: String, at now: MonotonicInstant) {
        self.lastSign = now
        self.nextRung = .restartDiscovery
        if self.heardAt[address] == nil, self.heardAt.count >= Self.capacity { return }
        self.heardAt[address] = now
    }

    /// A device is not expected any more: it was provisioned.
    mutating func forget(_ address: String) {
        self.heardAt[address] = nil
    }

    /// Discovery has begun (again): silence counts from here.
    mutating func restarted(at now: MonotonicInstant) {
        self.lastSign = now
    }

    /// Discovery was begun for a new client: what failed before is forgotten.
    mutating func reset(at now: MonotonicInstant) {
        self.lastSign = now
        self.nextRung = .restartDiscovery
    }

    /// The rung to step on now, if any.
    ///
    /// - Parameter isAdapterShared: Whether others have connections over this adapter, which the upper rungs would end.
    mutating func step(at now: MonotonicInstant, isAdapterShared: Bool) -> Rung? {
        guard let rung = self.nextRung, self.lastSign.duration(to: now) >= Self.silenceLimit else { return nil }
        self.heardAt = self.heardAt.filter { $0.value.duration(to: now) < Self.expectation }
        guard !self.heardAt.isEmpty else { return nil }
        if rung != .restartDiscovery, isAdapterShared { return nil }
        self.lastSign = now
        self.nextRung = Rung(rawValue: rung.rawValue + 1)
        return rung
    }
}
