import Logging
import StationCore
import SystemBus

extension WiFiJoin {
    /// What a NetworkManager that restarts is given before it is asked again.
    private static let retryPause: Duration = .seconds(1)
    /// So long the way back may take at most when the agent is stopping.
    private static let hurriedTime: Duration = .seconds(3)

    /// Removes the new profile and brings the earlier connection up again.
    ///
    /// - Parameters:
    ///   - started: `nil` when it is not known whether there is a new profile.
    ///   - waits: Whether the earlier connection is waited for; otherwise it is on its way.
    func rollBack(_ started: Started?, waits: Bool) async -> WiFiJoinFailure.Rollback {
        let limit = waits ? HostLimits.rollbackTime : Self.hurriedTime
        let isDone = try? await self.clock.limit(to: limit) { await self.restore(started, waits: waits) }
        guard self.former != nil else { return .notNeeded }
        return isDone == true ? .restored : .failed
    }

    private func restore(_ started: Started?, waits: Bool) async -> Bool {
        while !Task.isCancelled {
            do throws(HostFault) {
                try await self.removeNew(started)
                guard let former = self.former else { return true }
                return try await self.bringUp(former, waits: waits)
            } catch {
                self.logger.debug(
                    "the earlier connection is tried again", metadata: ["detail": "\(error.detail ?? "\(error)")"])
            }
            await self.clock.pause(for: Self.retryPause)
        }
        return false
    }

    private func removeNew(_ started: Started?) async throws(HostFault) {
        if let path = try await self.profile(of: self.uuid) ?? started?.profile {
            try await self.client.delete(profile: path)
        }
    }

    /// The profile with a UUID; `nil` for none.
    private func profile(of uuid: String) async throws(HostFault) -> String? {
        do throws(BusError) {
            return try await self.client.call(
                "GetConnectionByUuid", of: NMName.settings, at: NMName.settingsPath, [.string(uuid)]
            ).first?.objectPath
        } catch {
            let fault = HostFault(error, of: .networkManager)
            if case .failed = fault, case .remote = error { return nil }
            throw fault
        }
    }

    /// - Returns: Whether it is up, or on its way if nobody waits; false when it is not there any more.
    private func bringUp(_ uuid: String, waits: Bool) async throws(HostFault) -> Bool {
        guard let profile = try await self.profile(of: uuid) else { return false }
        while !Task.isCancelled {
            let device = try await self.client.device(self.device.path)
            let active = try await self.client.active(device?.active)
            let isOurs = active?.profile == profile
            if isOurs, active?.state == .activated { return true }
            // NetworkManager may be bringing it up by itself.
            if !isOurs || active?.state == .deactivated { try await self.activate(profile) }
            if !waits { return true }
            await self.clock.pause(for: Self.period)
        }
        return false
    }

    private func activate(_ profile: String) async throws(HostFault) {
        do throws(BusError) {
            try await self.client.call(
                "ActivateConnection", of: NMName.manager, at: NMName.path,
                [.objectPath(profile), .objectPath(self.device.path), .objectPath(NMName.none)])
        } catch {
            throw HostFault(error, of: .networkManager)
        }
    }
}
