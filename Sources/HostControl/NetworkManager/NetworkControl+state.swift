public import StationCore
import SystemBus

extension NetworkControl {
    public func state() async throws(HostFault) -> NetworkState {
        let manager = try await self.client.manager()
        let devices = try await self.client.devices(manager)
        var shown: [NetworkDevice] = []
        for device in devices where device.kind != .hidden {
            shown.append(try await self.shown(device))
        }
        let primary = try await self.client.active(manager.primary)?.devices.first
        let primaryDevice = devices.first { $0.path == primary }
        let addresses =
            if let primaryDevice { try await self.client.addresses(of: primaryDevice) } else { nil as NMAddresses? }
        return NetworkState(
            connectivity: manager.connectivity, primaryInterface: primaryDevice?.interface,
            gateway: addresses?.gateway, nameServers: addresses?.nameServers ?? [], devices: shown,
            wifi: try await self.wifiStatus(manager, devices))
    }

    private func shown(_ device: NMDevice) async throws(HostFault) -> NetworkDevice {
        let connection = try await self.client.active(device.active)?.name
        let kind: NetworkDevice.Kind =
            switch device.kind {
            case .ethernet: .ethernet
            case .wifi: .wifi
            case .hidden, .other: .other
            }
        return NetworkDevice(
            interface: device.interface, kind: kind, state: device.state.shown,
            hardwareAddress: device.hardwareAddress, connection: connection,
            addresses: try await self.client.addresses(of: device).addresses)
    }

    // MARK: Wi-Fi

    private func wifiStatus(_ manager: NMManagerState, _ devices: [NMDevice]) async throws(HostFault) -> WiFiStatus {
        guard let device = NMDevice.wifi(of: devices) else { return WiFiStatus(state: .absent) }
        guard !manager.isRadioBlocked else { return WiFiStatus(state: .blocked, interface: device.interface) }
        return try await self.wifiStatus(device)
    }

    func wifiStatus(_ device: NMDevice) async throws(HostFault) -> WiFiStatus {
        let state: WiFiStatus.State =
            switch device.state.shown {
            case .connected: .connected
            case .connecting: .connecting
            case .disconnected, .unavailable, .unmanaged: .disconnected
            }
        return WiFiStatus(
            state: state, interface: device.interface, network: try await self.network(of: device),
            addresses: try await self.client.addresses(of: device).addresses)
    }

    /// The network that a device is in, or that it is about to join.
    func network(of device: NMDevice) async throws(HostFault) -> WiFiNetwork? {
        guard device.state == .connected || device.state.isConnecting else { return nil }
        let isJoined = device.state == .connected
        let active = try await self.client.active(device.active)
        let profile = try await self.client.profile(active?.profile)
        let wireless = try await self.client.object(device.path, NMName.wireless)
        // What it is connected to now; `active` names the one that it began with.
        let path = wireless?["ActiveAccessPoint"]?.objectPath?.unlessNone ?? active?.accessPoint
        if let point = try await self.client.accessPoint(path) {
            return point.network(isJoined: isJoined, isKnown: profile?.isAutomatic ?? false)
        }
        guard let profile, let ssid = profile.ssid else { return nil }
        return WiFiNetwork(
            ssid: ssid, signal: 0, frequency: nil, security: profile.security, isJoined: isJoined,
            isKnown: profile.isAutomatic)
    }
}
