import StationCore
import SystemBus

/// What NetworkManager is asked, one question each.
struct NMClient: Sendable {
    let calls: HostCalls

    // MARK: Questions that must be answered

    /// - Throws: `HostFault`.
    func manager() async throws(HostFault) -> NMManagerState {
        do throws(BusError) {
            return NMManagerState(
                properties: try await self.calls.properties(
                    of: NMName.manager, at: NMName.path, service: NMName.service))
        } catch {
            throw HostFault(error, of: .networkManager)
        }
    }

    /// Calls a method.
    ///
    /// - Throws: `BusError`.
    @discardableResult
    func call(
        _ member: String, of interface: String, at path: String, _ arguments: [BusValue] = [],
        within limit: Duration = HostCalls.usualLimit
    ) async throws(BusError) -> [BusValue] {
        let call = BusCall(
            NMName.service, path: path, interface: interface, member: member, arguments: arguments,
            startsService: false)
        return try await self.calls.call(call, within: limit)
    }

    // MARK: Objects, which may go at any moment

    /// The properties of an object; `nil` when it is gone.
    ///
    /// - Throws: `HostFault` when it is NetworkManager that is gone, or silent.
    func object(_ path: String?, _ interface: String) async throws(HostFault) -> [String: BusValue]? {
        guard let path else { return nil }
        do throws(BusError) {
            return try await self.calls.properties(of: interface, at: path, service: NMName.service)
        } catch {
            let fault = HostFault(error, of: .networkManager)
            // GDBus has a name for each of: no such object, no such interface.
            if case .failed = fault, case .remote = error { return nil }
            throw fault
        }
    }

    func devices(_ manager: NMManagerState) async throws(HostFault) -> [NMDevice] {
        var devices: [NMDevice] = []
        for path in manager.devices {
            guard let properties = try await self.object(path, NMName.device) else { continue }
            devices.append(NMDevice(path: path, properties: properties))
        }
        return devices
    }

    func device(_ path: String) async throws(HostFault) -> NMDevice? {
        try await self.object(path, NMName.device).map { NMDevice(path: path, properties: $0) }
    }

    func active(_ path: String?) async throws(HostFault) -> NMActive? {
        try await self.object(path, NMName.active).map { NMActive(properties: $0) }
    }

    func accessPoint(_ path: String?) async throws(HostFault) -> NMAccessPoint? {
        guard let path, let properties = try await self.object(path, NMName.accessPoint) else { return nil }
        return NMAccessPoint(path: path, properties: properties)
    }

    /// The access points that a Wi-Fi device knows of.
    func accessPoints(of device: NMDevice) async throws(HostFault) -> [NMAccessPoint] {
        let wireless = try await self.object(device.path, NMName.wireless)
        var points: [NMAccessPoint] = []
        for path in (wireless?["AccessPoints"]?.paths ?? []).prefix(NMLimits.accessPoints) {
            if let point = try await self.accessPoint(path) { points.append(point) }
        }
        return points
    }

    /// Gateway, name servers and addresses of a device.
    func addresses(of device: NMDevice) async throws(HostFault) -> NMAddresses {
        let ip4 = try await self.object(device.ip4, NMName.ip4)
        let ip6 = try await self.object(device.ip6, NMName.ip6)
        return NMAddresses(ip4: ip4 ?? [:], ip6: ip6 ?? [:])
    }

    // MARK: Profiles

    func profile(_ path: String?) async throws(HostFault) -> NMProfile? {
        guard let path else { return nil }
        do throws(BusError) {
            let answer = try await self.call("GetSettings", of: NMName.profile, at: path)
            return NMProfile(path: path, settings: answer.first)
        } catch {
            let fault = HostFault(error, of: .networkManager)
            switch fault {
            // One that belongs to somebody else is as good as none.
            case .failed, .refused: return nil
            default: throw fault
            }
        }
    }

    func profiles() async throws(HostFault) -> [NMProfile] {
        let paths: [String]
        do throws(BusError) {
            let answer = try await self.call("ListConnections", of: NMName.settings, at: NMName.settingsPath)
            paths = answer.first?.paths ?? []
        } catch {
            throw HostFault(error, of: .networkManager)
        }
        var profiles: [NMProfile] = []
        for path in paths.prefix(NMLimits.profiles) {
            if let profile = try await self.profile(path) { profiles.append(profile) }
        }
        return profiles
    }

    /// Removes a profile; it is no fault if it is gone already.
    ///
    /// - Throws: `HostFault`.
    func delete(profile path: String) async throws(HostFault) {
        do throws(BusError) {
            try await self.call("Delete", of: NMName.profile, at: path)
        } catch {
            if error.isObjectMissing { return }
            throw HostFault(error, of: .networkManager)
        }
    }
}
