import CloudLink
import StationCore
import StationSocket
import StationTestSupport

/// A cloud that plays by the contract as far as the link itself goes, and a station that is linked to it.
struct LinkLab: Sendable {
    /// What a text makes the cloud say.
    typealias Manners = @Sendable (String) -> String?

    let station: LinkStationDouble
    let cloud: SocketListener
    let heard: Locked<[String]>
    let uplink: CloudUplink
    let health: HealthBoard
    let log: LogRecorder
    let clock: ManualClock

    /// Accepts every claim and every token.
    static let kind: Manners = { text in
        if text.contains("claim_handshake") { return #"{"type":"claim_success","stationToken":"token-1"}"# }
        return text.contains("station_auth") ? #"{"type":"auth_ok"}"# : nil
    }

    /// Runs both, and at the end stops the station.
    ///
    /// - Parameter configure: Changes how the cloud is reached, which is directly.
    static func run(
        _ credentials: LinkCredentials = LinkRun.claimed, manners: @escaping Manners = LinkLab.kind,
        configure: @escaping @Sendable (inout CloudLinkConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (LinkLab) async throws -> Void
    ) async throws {
        let heard = Locked<[String]>([])
        try await SocketListener.run(
            limits: SocketLimits(frameSize: 1 << 22, messageSize: 1 << 22),
            receive: { message, connection in
                guard case .text(let text) = message else { return }
                heard.withLock { $0.append(text) }
                if let answer = manners(text) { try? await connection.send(answer) }
            }
        ) { cloud in
            try await Self.run(credentials, cloud, heard, configure, body)
        }
    }

    private static func run(
        _ credentials: LinkCredentials, _ cloud: SocketListener, _ heard: Locked<[String]>,
        _ configure: @Sendable (inout CloudLinkConfiguration) -> Void,
        _ body: @escaping @Sendable (LinkLab) async throws -> Void
    ) async throws {
        var configuration = CloudLinkConfiguration(host: "127.0.0.1", port: cloud.port, useTLS: false)
        configure(&configuration)
        let lab = LinkLab(configuration, LinkStationDouble(credentials), cloud, heard)
        let running = Task { try await lab.uplink.run() }
        do {
            try await body(lab)
        } catch {
            running.cancel()
            _ = await running.result
            throw error
        }
        running.cancel()
        try await running.value
    }

    private init(
        _ configuration: CloudLinkConfiguration, _ station: LinkStationDouble, _ cloud: SocketListener,
        _ heard: Locked<[String]>
    ) {
        self.station = station
        self.cloud = cloud
        self.heard = heard
        self.health = HealthBoard()
        self.log = LogRecorder()
        self.clock = ManualClock()
        self.uplink = CloudUplink(
            configuration: configuration, station: station, health: self.health, metrics: MetricRegistry(),
            clock: self.clock, logger: self.log.logger
        )
    }

    var state: CloudStatus.State { self.uplink.status.state }

    /// Lets a link that pauses try once more, in vain.
    func retry() async throws {
        try await self.reach(.offline)
        let before = self.uplink.status.reconnectAt
        self.clock.advance(by: .seconds(72))
        try await eventually("it has tried once more") {
            let status = self.uplink.status
            return status.state == .offline && status.reconnectAt != before
        }
    }

    func reach(_ state: CloudStatus.State) async throws {
        try await eventually("the link is \(state)") { self.state == state }
    }
}
