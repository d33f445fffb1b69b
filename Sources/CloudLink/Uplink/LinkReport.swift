import StationCore
import Synchronization

/// How the link stands, for everybody who asks (contract 4, "Local view"), and what health says of it.
final class LinkReport: Sendable {
    /// Data that has waited for so long is stuck.
    private static let stuckAfter = Duration.seconds(60)

    private struct Facts {
        var state = CloudStatus.State.connecting
        var connectedSince: Timestamp?
        var lastError: String?
        var reconnectAt: Timestamp?
        var hasFailed = false
        var session: (any LinkSession)?
    }

    private let host: String
    private let station: any LinkStation
    private let health: HealthBoard
    private let facts = Mutex(Facts())

    init(host: String, station: any LinkStation, health: HealthBoard) {
        self.host = host
        self.station = station
        self.health = health
    }

    var status: CloudStatus {
        let facts = self.facts.withLock { $0 }
        let figures = self.station.figures
        return CloudStatus(
            state: facts.state, isClaimed: self.station.credentials.stationToken != nil, claimedAt: figures.claimedAt,
            host: self.host, connectedSince: facts.connectedSince, lastError: facts.lastError,
            reconnectAt: facts.reconnectAt, activeChannels: figures.channels, outboxDepth: figures.outboxDepth
        )
    }

    /// Takes note of a new state, and tells health.
    func note(_ state: LinkState, because reason: String?, clock: any StationClock) {
        let now = clock.now
        let time = clock.wallTime
        self.facts.withLock { facts in
            facts.state = Self.name(state)
            facts.reconnectAt = nil
            if let reason { facts.lastError = reason }
            switch state {
            case .offline(let until):
                facts.reconnectAt = time.adding(now.duration(to: until))
                facts.connectedSince = nil
                facts.hasFailed = true
            case .connecting, .stopped: facts.connectedSince = nil
            case .waiting, .authenticating:
                facts.connectedSince = time
                if state == .waiting { facts.hasFailed = false }
            case .authenticated: facts.hasFailed = false
            case .claiming, .resetting: break
            }
        }
        self.tellHealth()
    }

    /// Who serves the cloud now, and knows what the cloud has not taken yet.
    func note(session: (any LinkSession)?) {
        self.facts.withLock { $0.session = session }
    }

    /// Tells health how things are just now.
    func tellHealth() {
        let facts = self.facts.withLock { $0 }
        let check = Self.check(facts, host: self.host, oldest: facts.session?.oldestUnacknowledgedAge)
        self.health.report(.cloud, check.status, check.detail)
    }

    private static func check(_ facts: Facts, host: String, oldest: Duration?) -> HealthBoard.Check {
        let fault = facts.lastError ?? "not connected"
        switch facts.state {
        case .off: return HealthBoard.Check(status: .off, detail: "no cloud is configured")
        case .stopped: return HealthBoard.Check(status: .degraded, detail: "the link is closed")
        case .resetting: return HealthBoard.Check(status: .degraded, detail: "the station is being reset")
        case .waiting: return HealthBoard.Check(status: .ok, detail: "connected to \(host); waits to be claimed")
        case .claiming: return HealthBoard.Check(status: .ok, detail: "is being claimed through \(host)")
        case .authenticated:
            guard let oldest, oldest > Self.stuckAfter else {
                return HealthBoard.Check(status: .ok, detail: "connected to \(host)")
            }
            let age = oldest.components.seconds
            return HealthBoard.Check(
                status: .degraded, detail: "connected to \(host), which has not taken what was sent for \(age) s"
            )
        case .offline:
            let when = facts.reconnectAt.map { "; trying again at \($0)" } ?? ""
            return HealthBoard.Check(status: .degraded, detail: fault + when)
        case .connecting, .authenticating:
            return HealthBoard.Check(
                status: .degraded, detail: facts.hasFailed ? "\(fault); trying again now" : "connecting to \(host)"
            )
        }
    }

    private static func name(_ state: LinkState) -> CloudStatus.State {
        switch state {
        case .stopped: .stopped
        case .resetting: .resetting
        case .offline: .offline
        case .connecting: .connecting
        case .waiting: .waiting
        case .claiming: .claiming
        case .authenticating: .authenticating
        case .authenticated: .authenticated
        }
    }
}
