import StationCore

extension LiveStation {
    /// What one pass over some reports left to do.
    struct Round {
        /// Announcements of what was applied in memory.
        var events: [StationEvent] = []
        /// What must be committed before it is true.
        var durable: [DurableChange] = []
        /// Reports of devices that wait for a commit of this round: their order is kept by taking them up after it.
        var deferred: [DeviceReport] = []
        /// Handshakes of devices that memory does not know; only the store may say that they are unknown.
        var strangers: [DeviceReport] = []
        var strangerNames: Set<ExternalID> = []
        /// Whether alerts opened or ended, and wait to be committed.
        var hasAlerts = false
        var counts = IngestCounts()
    }

    /// A change of a device's identity or status that a report asks for.
    struct DurableChange {
        let deviceID: DeviceID
        /// The handshake with its address; `nil` when the device merely showed life again.
        let handshake: (Handshake, DeviceReport)?
        let seenAt: Timestamp
    }

    /// The surroundings in which reports are judged.
    struct Moment {
        let now: MonotonicInstant
        let wallTime: Timestamp
        let limit: TokenBucket.Limit
        /// False once a commit of this batch has failed: then statuses stay and reports are taken as they are.
        var canCommit = true
        let wantsEvents: Bool
    }

    /// Takes up reports in their order: applies to memory what memory may decide, leaves the rest to the caller.
    mutating func admit(_ reports: [DeviceReport], at moment: Moment, registry: DeviceTypeRegistry) -> Round {
        var round = Round()
        var parked: Set<Int> = []
        for report in reports {
            guard let index = self.index(named: report.sender) else {
                self.meet(stranger: report, in: &round)
                continue
            }
            if parked.contains(index) {
                round.deferred.append(report)
                continue
            }
            if self.admit(report, from: index, at: moment, registry: registry, into: &round) {
                parked.insert(index)
            }
        }
        round.counts.droppedRows += self.pending.trim()
        round.hasAlerts = !self.alertBacklog.entries.isEmpty
        return round
    }

    private func meet(stranger report: DeviceReport, in round: inout Round) {
        if self.revokedNames.contains(report.sender) {
            round.counts.revoked += 1
        } else if case .handshake = report.content, !report.isRetained {
            round.strangers.append(report)
            round.strangerNames.insert(report.sender)
        } else if round.strangerNames.contains(report.sender) {
            // The store may know it: then what followed its handshake counts.
            round.deferred.append(report)
        } else {
            round.counts.unknown += 1
        }
    }

    /// Takes up one report. True when its device now waits for a commit.
    private mutating func admit(
        _ report: DeviceReport, from index: Int, at moment: Moment, registry: DeviceTypeRegistry,
        into round: inout Round
    ) -> Bool {
        if report.isRetained {
            if case .state(let patch, _) = report.content {
                self.apply(patch, measuredAt: nil, to: index, isRetained: true, at: moment, registry, into: &round)
            }
            return false
        }
        if case .lastWill = report.content {
            self.slots[index].presence.lastWill(at: moment.now)
            return false
        }
        self.noteLife(of: index, in: report, at: moment)
        guard self.slots[index].bucket.take(moment.limit, at: moment.now) else {
            self.holdBack(report, of: index, in: &round)
            return false
        }
        let device = self.slots[index].device
        if case .handshake(let handshake) = report.content {
            guard moment.canCommit else { return false }
            round.durable.append(
                DurableChange(deviceID: device.id, handshake: (handshake, report), seenAt: moment.wallTime)
            )
            return true
        }
        if device.status != .online, moment.canCommit {
            round.durable.append(DurableChange(deviceID: device.id, handshake: nil, seenAt: moment.wallTime))
            round.deferred.append(report)
            return true
        }
        self.apply(report, to: index, at: moment, registry, into: &round)
        return false
    }

    private mutating func noteLife(of index: Int, in report: DeviceReport, at moment: Moment) {
        self.slots[index].presence.heard(at: moment.now)
        self.slots[index].device.lastSeenAt = moment.wallTime
        self.slots[index].isPresenceDirty = true
        if let address = report.address, self.slots[index].device.address != address {
            self.slots[index].device.address = address
            self.slots[index].isReportDirty = true
        }
    }

    /// Over the limit: the newest state is kept for later, an event is lost (contract 1, rule 11).
    private mutating func holdBack(_ report: DeviceReport, of index: Int, in round: inout Round) {
        switch report.content {
        case .state(let patch, let measuredAt):
            round.counts.coalesced += 1
            var held = self.slots[index].heldState ?? LiveDevice.HeldState(patch: JSONObject(), measuredAt: nil)
            for member in patch.members {
                if held.patch[member.key] != nil || held.patch.count < DeviceReducer.maximumKeys {
                    held.patch[member.key] = member.value
                } else {
                    round.counts.droppedKeys += 1
                }
            }
            held.measuredAt = measuredAt
            self.slots[index].heldState = held
            self.hasHeldStates = true
        case .heartbeat: self.slots[index].device.lastHeartbeatAt = self.slots[index].device.lastSeenAt
        case .event, .handshake, .lastWill: round.counts.rateLimited += 1
        }
    }

    private mutating func apply(
        _ report: DeviceReport, to index: Int, at moment: Moment, _ registry: DeviceTypeRegistry,
        into round: inout Round
    ) {
        switch report.content {
        case .state(let patch, let measuredAt):
            self.applyHeldState(of: index, at: moment, registry, into: &round)
            self.apply(patch, measuredAt: measuredAt, to: index, isRetained: false, at: moment, registry, into: &round)
        case .event(let kind, let data):
            let id = self.slots[index].device.id
            let type: DeviceEvent.EventType = kind == .deviceEvent ? .deviceEvent : .userEvent
            self.pending.events.append(DeviceEvent(type, of: id, payload: data, at: moment.wallTime))
            if moment.wantsEvents {
                round.events.append(.deviceEvent(id, kind: kind, data: data, at: moment.wallTime))
            }
        case .heartbeat:
            self.slots[index].device.lastHeartbeatAt = moment.wallTime
        case .handshake, .lastWill:
            break
        }
    }

    /// Lets through what the limit had held back.
    mutating func applyHeldState(
        of index: Int, at moment: Moment, _ registry: DeviceTypeRegistry, into round: inout Round
    ) {
        guard let held = self.slots[index].heldState else { return }
        self.slots[index].heldState = nil
        self.apply(
            held.patch, measuredAt: held.measuredAt, to: index, isRetained: false, at: moment, registry, into: &round
        )
    }

    private mutating func apply(
        _ patch: JSONObject, measuredAt: Timestamp?, to index: Int, isRetained: Bool, at moment: Moment,
        _ registry: DeviceTypeRegistry, into round: inout Round
    ) {
        let device = self.slots[index].device
        let change = DeviceReducer().reduce(
            device.lastKnownState, with: patch, type: registry[device.type], isRetained: isRetained
        )
        self.slots[index].device.lastKnownState = change.state
        self.slots[index].isReportDirty = true
        round.counts.droppedKeys += change.droppedKeys
        let measuredTime = Self.plausible(measuredAt, at: moment.wallTime)
        let time = measuredTime ?? self.nextReadingTime(of: index, at: moment.wallTime)
        if !isRetained, !self.slots[index].watches.isEmpty {
            self.evaluate(
                patch, in: change.state, of: index, at: time, isMeasuredTime: measuredTime != nil,
                wallTime: moment.wallTime, counts: &round.counts
            )
        }
        for reading in change.readings {
            self.pending.readings.append(
                PendingRows.Reading(
                    deviceID: device.id, key: reading.key, series: self.slots[index].series[reading.key], time: time,
                    value: reading.value
                )
            )
        }
        if moment.wantsEvents {
            round.events.append(.deviceState(device.id, state: change.state, at: time))
        }
        for transition in change.transitions {
            self.pending.events.append(
                DeviceEvent(
                    .stateTransition, of: device.id,
                    payload: [
                        "key": .string(transition.key), "oldValue": .bool(transition.old),
                        "newValue": .bool(transition.new),
                    ],
                    at: moment.wallTime
                )
            )
            if moment.wantsEvents {
                round.events.append(
                    .deviceTransition(
                        device.id, key: transition.key, old: transition.old, new: transition.new, at: moment.wallTime
                    )
                )
            }
        }
    }

    /// A device's own time, unless its clock is plainly wrong: more than a week behind or five minutes ahead.
    private static func plausible(_ measuredAt: Timestamp?, at wallTime: Timestamp) -> Timestamp? {
        guard let measuredAt, measuredAt > wallTime.adding(.seconds(-7 * 86_400)),
            measuredAt < wallTime.adding(.seconds(300))
        else { return nil }
        return measuredAt
    }

    /// The station's time for a reading. Of reports that come in one burst, after a stall, each gets a millisecond of its
    /// own: the history keeps one reading for each.
    private mutating func nextReadingTime(of index: Int, at wallTime: Timestamp) -> Timestamp {
        var time = wallTime
        if let last = self.slots[index].lastReadingAt, time <= last, last < time.adding(.seconds(1)) {
            time = last.adding(.milliseconds(1))
        }
        self.slots[index].lastReadingAt = time
        return time
    }
}
