import Logging
import StationCore
import SystemBus

extension NetworkControl {
    /// Keeps power saving off in the profiles of the Wi-Fi that is up, until the task is cancelled: with it, the station
    /// answers late and drops off the LAN. NetworkManager applies it when the connection comes up the next time.
    ///
    /// Nothing that the bus or NetworkManager does ends it.
    public func run() async {
        var backoff = Backoff(base: .seconds(1), limit: .seconds(60))
        while !Task.isCancelled {
            let begin = self.clock.now
            do throws(BusError) {
                try await self.followConnections()
            } catch {
                self.logger.debug("NetworkManager cannot be followed", metadata: ["error": "\(error)"])
            }
            if begin.duration(to: self.clock.now) >= .seconds(60) { backoff.reset() }
            await self.clock.pause(for: backoff.next())
        }
    }

    private var clock: any StationClock { self.client.calls.clock }

    /// Until the connection to the bus ends.
    private func followConnections() async throws(BusError) {
        let bus = try await self.client.calls.connection()
        let match = BusMatch(
            sender: NMName.service, path: NMName.path, interface: NMName.properties, member: "PropertiesChanged",
            firstArgument: NMName.manager)
        let changes = try await bus.signals(matching: match)
        let owners = try await bus.nameOwnerChanges(of: NMName.service)
        await withTaskGroup { group in
            group.addTask { await self.follow(owners) }
            group.addTask { await self.follow(changes) }
            await group.next()
            group.cancelAll()
        }
    }

    private func follow(_ owners: AsyncStream<BusOwner>) async {
        for await owner in owners where owner.uniqueName != nil { await self.turnPowerSaveOff() }
    }

    private func follow(_ changes: AsyncStream<BusSignal>) async {
        for await change in changes {
            guard change.arguments.count >= 2, let changed = change.arguments[1].properties,
                changed["ActiveConnections"] != nil
            else { continue }
            await self.turnPowerSaveOff()
        }
    }

    /// One pass over the Wi-Fi devices.
    func turnPowerSaveOff() async {
        do throws(HostFault) {
            let manager = try await self.client.manager()
            for device in try await self.client.devices(manager) where device.kind == .wifi {
                let active = try await self.client.active(device.active)
                guard let profile = try await self.client.profile(active?.profile), profile.ssid != nil,
                    profile.savesPower
                else { continue }
                try await self.turnPowerSaveOff(profile)
            }
        } catch {
            self.logger.notice(
                "power saving of the Wi-Fi could not be turned off",
                metadata: ["error": "\(error)", "detail": "\(error.detail ?? "")"])
        }
    }

    private func turnPowerSaveOff(_ profile: NMProfile) async throws(HostFault) {
        do throws(BusError) {
            // 0: on the disk or in memory, wherever it is.
            try await self.client.call(
                "Update2", of: NMName.profile, at: profile.path,
                [profile.withoutPowerSaving, .uint32(0), .properties([:])])
        } catch {
            guard error.name == BusErrorName.unknownMethod else { throw HostFault(error, of: .networkManager) }
            try await self.update(profile)
        }
        self.logger.notice(
            "power saving of the Wi-Fi is off from its next connection on",
            metadata: ["uuid": "\(profile.uuid ?? "")"])
    }

    /// NetworkManager before 1.12.
    private func update(_ profile: NMProfile) async throws(HostFault) {
        do throws(BusError) {
            try await self.client.call(
                "Update", of: NMName.profile, at: profile.path, [profile.withoutPowerSaving])
        } catch {
            throw HostFault(error, of: .networkManager)
        }
    }
}
