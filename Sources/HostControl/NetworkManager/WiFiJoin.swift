import Logging
import StationCore
import SystemBus

/// One attempt to bring the station into a Wi-Fi network, with the way back.
///
/// The new profile is kept in memory until the network has given an address: whatever ends the agent or the machine
/// before, the next start finds the profiles as they were.
struct WiFiJoin: Sendable {
    /// How often is looked whether the network was joined.
    static let period: Duration = .milliseconds(250)

    /// The new profile and its connection.
    struct Started: Sendable {
        let profile: String
        let active: String
        /// Whether the profile is kept in memory only.
        let isTemporary: Bool
    }

    let client: NMClient
    let wifi: WiFiCredentials
    let device: NMDevice
    /// `nil`: it is not heard, perhaps because it hides its name.
    let point: NMAccessPoint?
    /// The profile that the device had up before, by its UUID: its path changes when NetworkManager restarts.
    let former: String?
    /// The UUID of the new profile.
    let uuid: String
    let logger: Logger

    var clock: any StationClock { self.client.calls.clock }

    /// Joins, or restores what was before.
    ///
    /// - Throws: `HostFault`.
    func run() async throws(HostFault) {
        let watch = JoinWatch()
        let listener = try await self.listen(watch)
        defer { listener.cancel() }
        let started = try await self.start()
        do throws(HostFault) {
            try await self.wait(for: started, watch)
        } catch {
            throw await self.givenUp(error, started)
        }
        // From here on it is joined, and whoever asked for it may be gone.
        await Task { await self.keep(started) }.value
    }

    /// Restores what was before, in a task of its own: a cancelled one could not.
    private func givenUp(_ fault: HostFault, _ started: Started?) async -> HostFault {
        let waits = !Task.isCancelled
        let rollback = await Task { await self.rollBack(started, waits: waits) }.value
        let metadata: Logger.Metadata = [
            "ssid": "\(self.wifi.shownSSID)", "error": "\(fault)", "detail": "\(fault.detail ?? "")",
            "rollback": "\(rollback.rawValue)",
        ]
        self.logger.debug("the Wi-Fi network was not joined", metadata: metadata)
        if case .notJoined(let failure) = fault {
            return .notJoined(WiFiJoinFailure(failure.reason, rollback: rollback, detail: failure.detail))
        }
        return .notJoined(WiFiJoinFailure(.other, rollback: rollback, detail: fault.detail ?? fault.description))
    }

    // MARK: The way there

    private func listen(_ watch: JoinWatch) async throws(HostFault) -> Task<Void, Never> {
        do throws(BusError) {
            let match = BusMatch(
                sender: NMName.service, path: self.device.path, interface: NMName.device, member: "StateChanged")
            let signals = try await self.client.calls.connection().signals(matching: match)
            return Task { await watch.listen(to: signals) }
        } catch {
            throw HostFault(error, of: .networkManager)
        }
    }

    private func start() async throws(HostFault) -> Started {
        do throws(BusError) {
            return try await self.add()
        } catch {
            let fault = HostFault(error, of: .networkManager)
            // Refused: nothing has changed. Without an answer it may have begun.
            guard Self.leavesDoubt(error) else { throw Self.refusal(fault, error) }
            throw await self.givenUp(fault, nil)
        }
    }

    private func add() async throws(BusError) -> Started {
        let key = self.point.map(\.key) ?? (self.wifi.password.isEmpty ? nil : .wpa)
        let settings = NMProfile.settings(for: self.wifi, uuid: self.uuid, key: key, isHidden: self.point == nil)
        let arguments: [BusValue] = [
            settings, .objectPath(self.device.path), .objectPath(self.point?.path ?? NMName.none),
        ]
        do throws(BusError) {
            let answer = try await self.client.call(
                "AddAndActivateConnection2", of: NMName.manager, at: NMName.path,
                arguments + [.properties(["persist": .string("memory")])])
            return try Self.started(answer, isTemporary: true)
        } catch {
            guard error.name == BusErrorName.unknownMethod else { throw error }
            // NetworkManager before 1.16.
            let answer = try await self.client.call(
                "AddAndActivateConnection", of: NMName.manager, at: NMName.path, arguments)
            return try Self.started(answer, isTemporary: false)
        }
    }

    private static func started(_ answer: [BusValue], isTemporary: Bool) throws(BusError) -> Started {
        guard answer.count >= 2, let profile = answer[0].objectPath, let active = answer[1].objectPath else {
            throw .invalid(detail: "NetworkManager does not name what it has begun")
        }
        return Started(profile: profile, active: active, isTemporary: isTemporary)
    }

    private static func leavesDoubt(_ error: BusError) -> Bool {
        switch error {
        case .disconnected, .cancelled, .timedOut: true
        default: error.isUnanswered
        }
    }

    private static func refusal(_ fault: HostFault, _ error: BusError) -> HostFault {
        guard case .failed(_, let detail) = fault else { return fault }
        // `802-11-wireless-security.psk: property is invalid`
        let isPassword = error.name.hasSuffix(".InvalidProperty") && error.message.contains("psk")
        return .notJoined(WiFiJoinFailure(isPassword ? .wrongPassword : .other, rollback: .notNeeded, detail: detail))
    }

    /// Waits until the connection is up and has an address.
    private func wait(for started: Started, _ watch: JoinWatch) async throws(HostFault) {
        let outcome = try? await self.clock.limit(to: HostLimits.joinTime) { await self.outcome(of: started, watch) }
        guard !Task.isCancelled else { throw .failed(.networkManager, "the join was cancelled") }
        guard let outcome = outcome ?? nil else { throw try await self.overdue(watch) }
        try outcome.get()
    }

    private func outcome(of started: Started, _ watch: JoinWatch) async -> Result<Void, HostFault> {
        do throws(HostFault) {
            while try await !self.isJoined(started, watch) {
                guard await self.clock.pause(for: Self.period) else { break }
            }
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    private func isJoined(_ started: Started, _ watch: JoinWatch) async throws(HostFault) -> Bool {
        let active = try await self.client.active(started.active)
        switch active?.state {
        case nil, .deactivated:
            // The signal with the reason was sent before, but it is read elsewhere: it gets its moment.
            await self.clock.pause(for: Self.period)
            throw self.failure(watch.reason)
        case .activated:
            guard let device = try await self.client.device(self.device.path) else { return false }
            return try await self.client.addresses(of: device).isReachable
        default: return false
        }
    }

    private func failure(_ number: Int?) -> HostFault {
        let reason = NMReason.joinFailure(number, hasPassword: !self.wifi.password.isEmpty)
        let detail = number.map { "device state reason \($0)" } ?? "the connection went down again"
        return .notJoined(WiFiJoinFailure(reason, rollback: .notNeeded, detail: detail))
    }

    /// What a join that has not ended in time came to grief of.
    private func overdue(_ watch: JoinWatch) async throws(HostFault) -> HostFault {
        let state = try await self.client.device(self.device.path)?.state
        let reason: WiFiJoinFailure.Reason =
            switch state {
            case .addressing, .connected: .noAddress
            case .needsPassword: .wrongPassword
            default:
                if let number = watch.reason {
                    NMReason.joinFailure(number, hasPassword: !self.wifi.password.isEmpty)
                } else {
                    self.point == nil ? .networkNotFound : .other
                }
            }
        let detail = "no address within \(HostLimits.joinTime)"
        return .notJoined(WiFiJoinFailure(reason, rollback: .notNeeded, detail: detail))
    }

    // MARK: What is kept

    /// Makes the new profile last, and then removes older ones of the same network.
    private func keep(_ started: Started) async {
        do throws(HostFault) {
            if started.isTemporary { try await self.save(started) }
            for profile in try await self.client.profiles() where self.isReplaced(profile) {
                try await self.client.delete(profile: profile.path)
            }
        } catch {
            // It is joined all the same. An older profile that stays is used again after the next start.
            self.logger.error(
                "the profile of the Wi-Fi network could not be made to last",
                metadata: ["error": "\(error)", "detail": "\(error.detail ?? "")"])
        }
    }

    private func save(_ started: Started) async throws(HostFault) {
        do throws(BusError) {
            try await self.client.call("Save", of: NMName.profile, at: started.profile)
        } catch {
            throw HostFault(error, of: .networkManager)
        }
    }

    private func isReplaced(_ profile: NMProfile) -> Bool {
        guard profile.ssid == self.wifi.ssid, profile.uuid != self.uuid else { return false }
        return profile.interface == nil || profile.interface == self.device.interface
    }
}
