import StationCore

/// The live state of every device, under the hub's lock: reports change it at once, the store follows.
///
/// What a power cut must not undo (identity, status) is changed here only after the store has committed it, on the
/// writer's queue; so that queue may read it without any race.
struct LiveStation {
    var slots: [LiveDevice] = [] {
        didSet { self.revision &+= 1 }
    }
    /// Moves on with every change of any device, so that whoever has written them down knows whether that still holds.
    private(set) var revision: UInt64 = 0
    private var byID: [DeviceID: Int] = [:]
    private var byName: [ExternalID: Int] = [:]
    /// Names of devices that were removed: they are told nothing (contract 1, rule 10).
    var revokedNames: Set<ExternalID> = []

    /// Whether any device's state is held back by the rate limit.
    var hasHeldStates = false

    var stationName = ""
    /// How the station stands with its cloud.
    var claim = CloudClaim(chipID: "", claimSecret: Secret(""))
    /// Everybody with an account: asked at every request.
    var users: [UserID: User] = [:]
    /// The sign-ins that can still be continued; an access token of any other is dead.
    var sessions: [SessionID: UserID] = [:]
    /// The minted logins at the broker, by user name; of expired ones some may still be here.
    var credentials: [String: BrokerCredential] = [:]
    /// The devices that are being provisioned, of which it is not known yet whether they took what they were handed.
    var provisioned: [DeviceID: ProvisionedDevice] = [:]

    var pending = PendingRows()
    /// What the flush under way is writing; still shown to readers of the history.
    var inFlight = PendingRows()
    var alertBacklog = AlertBacklog()
    var memberships = LiveMemberships()

    // MARK: Finding

    func index(of id: DeviceID) -> Int? {
        self.byID[id]
    }

    /// A device by its name in a topic, or by its own id where the dialect uses that.
    func index(named name: ExternalID) -> Int? {
        self.byName[name] ?? DeviceID(name.description).flatMap { self.byID[$0] }
    }

    func device(_ id: DeviceID) -> Device? {
        self.byID[id].map { self.slots[$0].device }
    }

    /// Changes a device if it is still there.
    mutating func update(_ id: DeviceID, _ change: (inout LiveDevice) -> Void) {
        guard let index = self.byID[id] else { return }
        change(&self.slots[index])
    }

    // MARK: Coming and going

    /// Returns false when it was there already.
    @discardableResult
    mutating func insert(_ device: LiveDevice) -> Bool {
        guard self.byID[device.device.id] == nil else { return false }
        self.byID[device.device.id] = self.slots.count
        self.byName[device.device.externalID] = self.slots.count
        self.slots.append(device)
        self.revokedNames.remove(device.device.externalID)
        return true
    }

    mutating func remove(_ id: DeviceID) {
        guard let index = self.byID.removeValue(forKey: id) else { return }
        let removed = self.slots[index].device.externalID
        self.provisioned[id] = nil
        self.byName[removed] = nil
        self.pending.remove(id)
        self.alertBacklog.remove(id)
        self.revokedNames.insert(removed)
        let last = self.slots.removeLast()
        guard index < self.slots.count else { return }
        self.slots[index] = last
        self.byID[last.device.id] = index
        self.byName[last.device.externalID] = index
    }

    mutating func removeUser(_ id: UserID) {
        self.users[id] = nil
        self.sessions = self.sessions.filter { $0.value != id }
        self.credentials = self.credentials.filter { $0.value.owner != .user(id) }
        self.memberships.remove(id)
    }

    /// Everybody is offline until they are heard.
    mutating func forgetWhoWasOnline() {
        for id in self.slots.filter({ $0.device.status == .online }).map(\.device.id) {
            self.update(id) {
                $0.device.status = .offline
                $0.device.statusReason = .agentStarted
            }
        }
    }

    // MARK: Flushing

    /// Hands over everything that waits; readers go on seeing it until `flushed` or `flushFailed`.
    mutating func takePending(_ scope: FlushScope) -> TakenRows {
        var dirty: [Device] = []
        for index in self.slots.indices where self.slots[index].isDirty(for: scope) {
            self.slots[index].isReportDirty = false
            self.slots[index].isPresenceDirty = false
            dirty.append(self.slots[index].device)
        }
        self.inFlight = self.pending
        self.pending = PendingRows()
        let alerts = scope == .rows ? [] : self.alertBacklog.takeTallies()
        return TakenRows(rows: self.inFlight, devices: dirty, alerts: alerts)
    }

    mutating func flushed(_ series: [SeriesKey: Int64]) {
        self.inFlight = PendingRows()
        for (key, id) in series {
            self.update(key.deviceID) { $0.remember(series: id, of: key.key) }
        }
    }

    /// After some series have been deleted: all are looked up again.
    mutating func forgetSeriesNumbers() {
        for index in self.slots.indices { self.slots[index].series = [:] }
        for index in self.pending.readings.indices { self.pending.readings[index].series = nil }
    }

    /// Returns how many rows had to be given up.
    mutating func flushFailed(_ taken: TakenRows) -> Int {
        let rows = self.inFlight
        self.inFlight = PendingRows()
        for device in taken.devices {
            self.update(device.id) { $0.isReportDirty = true }
        }
        self.alertBacklog.giveBack(taken.alerts)
        return self.pending.giveBack(rows)
    }
}

/// What a flush takes out of memory.
struct TakenRows {
    let rows: PendingRows
    let devices: [Device]
    /// How open alerts stand.
    let alerts: [Alert]
}
