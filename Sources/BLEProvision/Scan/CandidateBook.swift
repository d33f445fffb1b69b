import StationCore

/// The factory-new devices in sight: what is told of them and when (contract 5, "Scan life-cycle"). Pure.
struct CandidateBook: Sendable {
    /// What has become of the candidates.
    enum Change: Sendable, Hashable {
        /// A new one, or one of which something is new.
        case candidate(ProvisioningCandidate)
        case lost(ExternalID)
        /// BlueZ should forget this address and hear it anew: the device tells another name or other service data than
        /// before, so it has new firmware, and BlueZ ignores the services in its advertisements from now on.
        case outdated(address: String)
    }

    /// A candidate that was not heard for so long is withdrawn.
    static let lifetime: Duration = .seconds(30)
    /// One that was not heard for so long has to go first, for its own next address or for somebody else.
    static let silence: Duration = .seconds(10)
    /// How often a changed signal strength is told.
    static let signalPeriod: Duration = .seconds(1)
    /// How often BlueZ is made to forget one address: some devices advertise something that always changes.
    static let outdatedPeriod: Duration = .seconds(60)
    /// By so much a newcomer must be heard better than the faintest, to take its place in a full book: less is noise, and
    /// two would take turns.
    static let displacingMargin = 6
    /// What is taken for the strength of a signal that is not known, in dBm.
    private static let faintest = -127

    private struct Entry {
        var candidate: ProvisioningCandidate
        var advertisement: Advertisement
        var heardAt: MonotonicInstant
        var toldAt: MonotonicInstant
        var toldRSSI: Int?
        var outdatedAt: MonotonicInstant?

        func isSignalDue(at now: MonotonicInstant) -> Bool {
            self.toldAt.duration(to: now) >= CandidateBook.signalPeriod
        }

        var strength: Int { self.candidate.rssi ?? CandidateBook.faintest }

        mutating func tell(at now: MonotonicInstant) {
            self.toldAt = now
            self.toldRSSI = self.candidate.rssi
        }
    }

    /// By address.
    private var entries: [String: Entry] = [:]

    /// Those present, in a steady order: what a new client is told first.
    var present: [ProvisioningCandidate] {
        self.entries.values.map(\.candidate).sorted { $0.externalID.description < $1.externalID.description }
    }

    /// The candidate with this id, if present.
    func candidate(_ externalID: ExternalID) -> ProvisioningCandidate? {
        self.entries.values.first { $0.candidate.externalID == externalID }?.candidate
    }

    func contains(address: String) -> Bool { self.entries[address] != nil }

    /// An advertisement came.
    ///
    /// - Parameters:
    ///   - traits: What a dialect recognises in it; `nil` when it is no candidate.
    ///   - kept: Who stays, whoever comes.
    mutating func hear(
        _ advertisement: Advertisement, _ traits: CandidateTraits?, keeping kept: Set<ExternalID> = [],
        at now: MonotonicInstant
    ) -> [Change] {
        let address = advertisement.address
        guard let traits, traits.isProvisionable else { return self.withdraw(address: address) }
        guard let entry = self.entries[address] else {
            guard let id = self.externalID(for: advertisement, traits, at: now) else { return [] }
            var displaced = self.withdraw(where: { $0.externalID == id })
            guard let removed = self.makeRoom(for: advertisement, keeping: kept, at: now) else { return displaced }
            displaced += removed
            let candidate = Self.candidate(id, advertisement, traits)
            self.entries[address] = Entry(
                candidate: candidate, advertisement: advertisement, heardAt: now, toldAt: now,
                toldRSSI: candidate.rssi
            )
            return displaced + [.candidate(candidate)]
        }
        return self.hear(again: advertisement, traits, entry, at: now)
    }

    private mutating func hear(
        again advertisement: Advertisement, _ traits: CandidateTraits, _ old: Entry, at now: MonotonicInstant
    ) -> [Change] {
        var entry = old
        entry.heardAt = now
        entry.advertisement = advertisement
        var changes: [Change] = []
        if Self.isOutdated(old.advertisement, by: advertisement),
            old.outdatedAt.map({ $0.duration(to: now) >= Self.outdatedPeriod }) ?? true
        {
            entry.outdatedAt = now
            changes.append(.outdated(address: advertisement.address))
        }
        // The id stays for as long as the candidate does, so that nobody's click goes astray, unless the device itself
        // tells another; the name may well come with a later packet than the service.
        let id =
            traits.externalID != old.candidate.externalID && !self.isTaken(traits.externalID)
            ? traits.externalID : old.candidate.externalID
        if id != old.candidate.externalID { changes.append(.lost(old.candidate.externalID)) }
        var candidate = Self.candidate(id, advertisement, traits)
        candidate.rssi = advertisement.rssi ?? old.candidate.rssi
        var unchanged = old.candidate
        unchanged.rssi = candidate.rssi
        entry.candidate = candidate
        if candidate != unchanged || (candidate.rssi != old.toldRSSI && old.isSignalDue(at: now)) {
            entry.tell(at: now)
            changes.append(.candidate(candidate))
        }
        self.entries[advertisement.address] = entry
        return changes
    }

    /// What time alone brings: candidates that fell silent, signal strengths that had to wait.
    mutating func pass(to now: MonotonicInstant) -> [Change] {
        var changes: [Change] = []
        for address in self.entries.keys.sorted() {
            guard var entry = self.entries[address] else { continue }
            if entry.heardAt.duration(to: now) >= Self.lifetime {
                changes += self.withdraw(address: address)
            } else if entry.candidate.rssi != entry.toldRSSI, entry.isSignalDue(at: now) {
                entry.tell(at: now)
                self.entries[address] = entry
                changes.append(.candidate(entry.candidate))
            }
        }
        return changes
    }

    /// When `pass` has something to say next, if nothing is heard meanwhile.
    var nextChange: MonotonicInstant? {
        self.entries.values.map { entry in
            let end = entry.heardAt.advanced(by: Self.lifetime)
            return entry.candidate.rssi == entry.toldRSSI ? end : min(end, entry.toldAt.advanced(by: Self.signalPeriod))
        }.min()
    }

    /// Time stood still for the candidates, because discovery was paused for so long: they could not be heard.
    mutating func excuse(_ pause: Duration) {
        for address in self.entries.keys {
            guard let heardAt = self.entries[address]?.heardAt else { continue }
            self.entries[address]?.heardAt = heardAt.advanced(by: pause)
        }
    }

    /// A device is no candidate any more: it was provisioned, or nobody recognises it.
    mutating func withdraw(address: String) -> [Change] {
        self.entries.removeValue(forKey: address).map { [.lost($0.candidate.externalID)] } ?? []
    }

    /// Nobody watches any more, or the adapter is gone.
    mutating func withdrawAll() -> [Change] {
        self.withdraw { _ in true }
    }

    private mutating func withdraw(where isMeant: (ProvisioningCandidate) -> Bool) -> [Change] {
        let addresses = self.entries.filter { isMeant($0.value.candidate) }.keys.sorted()
        return addresses.flatMap { self.withdraw(address: $0) }
    }

    /// Lets one go where the book is full: the one that was silent for longest, else the faintest where the newcomer is
    /// heard much better. Whatever is sent around the house, a true device close by gets in, and one that is being
    /// provisioned is not pushed out.
    ///
    /// - Returns: Who went; `nil` where there is no room.
    private mutating func makeRoom(
        for newcomer: Advertisement, keeping kept: Set<ExternalID>, at now: MonotonicInstant
    ) -> [Change]? {
        guard self.entries.count >= ProvisioningCandidate.maximumCount else { return [] }
        let others = self.entries.filter { !kept.contains($0.value.candidate.externalID) }
        let silent = others.min { ($0.value.heardAt, $0.key) < ($1.value.heardAt, $1.key) }
        if let silent, silent.value.heardAt.duration(to: now) >= Self.silence {
            return self.withdraw(address: silent.key)
        }
        let faintest = others.min { ($0.value.strength, $0.key) < ($1.value.strength, $1.key) }
        guard let faintest, let strength = newcomer.rssi,
            strength >= faintest.value.strength + Self.displacingMargin
        else { return nil }
        return self.withdraw(address: faintest.key)
    }

    /// The device's own id, else its address. Two devices that tell the same id are told apart by the address, unless
    /// the first has fallen silent: then it is the same one under a new address.
    private func externalID(
        for advertisement: Advertisement, _ traits: CandidateTraits, at now: MonotonicInstant
    ) -> ExternalID? {
        let owner = self.entries.values.first { $0.candidate.externalID == traits.externalID }
        guard let owner, owner.heardAt.duration(to: now) < Self.silence else { return traits.externalID }
        return ExternalID(advertisement.plainAddress).flatMap { self.isTaken($0) ? nil : $0 }
    }

    private func isTaken(_ id: ExternalID) -> Bool {
        self.entries.values.contains { $0.candidate.externalID == id }
    }

    /// A name or service data that was told is another now. What comes for the first time merely completes the picture.
    private static func isOutdated(_ old: Advertisement, by new: Advertisement) -> Bool {
        if let before = old.name, let after = new.name, before != after { return true }
        return old.serviceData.contains { service, data in new.serviceData[service].map { $0 != data } ?? false }
    }

    private static func candidate(
        _ id: ExternalID, _ advertisement: Advertisement, _ traits: CandidateTraits
    ) -> ProvisioningCandidate {
        ProvisioningCandidate(
            externalID: id, address: advertisement.address, name: advertisement.name, deviceType: traits.deviceType,
            defaultName: traits.defaultName, rssi: advertisement.rssi, dialect: traits.dialect
        )
    }
}
