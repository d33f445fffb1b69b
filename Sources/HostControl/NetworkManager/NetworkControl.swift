public import Logging
public import StationCore
import Synchronization

/// The network of the station's host, by way of NetworkManager.
///
/// It keeps no view of its own: each question is asked of NetworkManager when it comes. So a NetworkManager that is away
/// or restarts is told as that, and nothing is to be put right afterwards.
public final class NetworkControl: HostNetwork {
    let client: NMClient
    let logger: Logger
    private let isOccupied = Mutex(false)

    public init(bus: HostBus, clock: any StationClock, logger: Logger) {
        self.client = NMClient(calls: HostCalls(bus: bus, clock: clock))
        self.logger = logger
    }

    public func scan() async throws(HostFault) -> [WiFiNetwork] {
        try self.occupy()
        defer { self.release() }
        let device = try await self.wifiDevice()
        let points = try await WiFiScan(client: self.client, device: device).run()
        let joined = try await self.network(of: try await self.client.device(device.path) ?? device)
        let known = try await self.client.profiles().filter(\.isAutomatic).compactMap(\.ssid)
        return NMAccessPoint.networks(points, joined: joined?.isJoined == true ? joined?.ssid : nil, known: Set(known))
    }

    public func join(_ wifi: WiFiCredentials) async throws(HostFault) -> WiFiStatus {
        try self.occupy()
        defer { self.release() }
        let device = try await self.wifiDevice()
        let point = try await self.accessPoint(for: wifi, device)
        let active = try await self.client.active(device.active)
        let former = try await self.client.profile(active?.profile)
        let clock = self.client.calls.clock
        let uuid = Identifier<WiFiCredentials>.make(at: clock.wallTime).description
        let join = WiFiJoin(
            client: self.client, wifi: wifi, device: device, point: point, former: former?.uuid, uuid: uuid,
            logger: self.logger)
        try await join.run()
        return try await self.wifiStatus(try await self.client.device(device.path) ?? device)
    }

    // MARK: Choices

    /// The device that can be used now.
    private func wifiDevice() async throws(HostFault) -> NMDevice {
        let manager = try await self.client.manager()
        guard let device = NMDevice.wifi(of: try await self.client.devices(manager)) else { throw .noWiFi }
        guard !manager.isRadioBlocked else { throw .radioBlocked }
        return device
    }

    /// The strongest access point that one gets into with what was given; `nil` when none has such a name.
    private func accessPoint(
        for wifi: WiFiCredentials, _ device: NMDevice
    ) async throws(HostFault) -> NMAccessPoint? {
        var points = try await self.client.accessPoints(of: device).filter { $0.ssid == wifi.ssid }
        if points.isEmpty {
            points = try await WiFiScan(client: self.client, device: device).run().filter { $0.ssid == wifi.ssid }
        }
        let usable = points.filter { $0.security.takesPassword }
        let fitting = usable.filter { ($0.security == .open) == wifi.password.isEmpty }
        if let point = fitting.max(by: { $0.signal < $1.signal }) { return point }
        guard !points.isEmpty else { return nil }
        guard !usable.isEmpty else {
            throw Self.notBegun(.unsupportedSecurity, "its security is \(points[0].security.rawValue)")
        }
        let detail = wifi.password.isEmpty ? "the network wants a password" : "the network is open"
        throw Self.notBegun(.wrongPassword, detail)
    }

    private static func notBegun(_ reason: WiFiJoinFailure.Reason, _ detail: String) -> HostFault {
        .notJoined(WiFiJoinFailure(reason, rollback: .notNeeded, detail: detail))
    }

    // MARK: One at a time

    private func occupy() throws(HostFault) {
        let wasOccupied = self.isOccupied.withLock { isOccupied in
            defer { isOccupied = true }
            return isOccupied
        }
        guard !wasOccupied else { throw .busy }
    }

    private func release() {
        self.isOccupied.withLock { $0 = false }
    }
}
