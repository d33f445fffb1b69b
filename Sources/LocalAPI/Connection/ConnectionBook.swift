import NIOCore
import StationCore
import Synchronization

/// Which connections are open, whose they are, and whether one more may come (contract 7, "Limits that keep it alive").
final class ConnectionBook: Sendable {
    /// Why a connection is not let in.
    enum Refusal: String, Sendable, Hashable {
        /// All places are taken, or all that are not kept for programs on the station itself.
        case full = "total"
        /// This peer has as many as one may have.
        case peer
        /// The server stops.
        case stopping
    }

    private struct State {
        var open: [ObjectIdentifier: any Channel] = [:]
        var fromLoopback = 0
        var fromPeers: [IPAddress: Int] = [:]
        var isStopping = false
        /// Refused ones that have not gone yet.
        var leaving = 0
    }

    /// So many refused peers are told why and get a moment to read it; a flood beyond is cut off at once.
    private static let maximumLeaving = 64

    private let limits: LocalAPILimits
    private let state = Mutex(State())

    init(limits: LocalAPILimits) {
        self.limits = limits
    }

    var openCount: Int { self.state.withLock { $0.open.count } }

    /// Enters a connection until it closes.
    ///
    /// - Returns: Why it may not stay; `nil` when it may.
    func admit(_ channel: any Channel) -> Refusal? {
        let peer = IPAddress(channel.remoteAddress)
        // What has no address comes over a socket in this machine.
        let counted = peer?.isLoopback ?? true ? nil : peer?.peer(seenFrom: IPAddress(channel.localAddress))
        let refusal = self.state.withLock { state -> Refusal? in
            guard !state.isStopping else { return .stopping }
            guard state.open.count < self.limits.connections else { return .full }
            if let counted {
                let places = self.limits.connections - self.limits.connectionsKeptForLoopback
                guard state.open.count - state.fromLoopback < places else { return .full }
                guard state.fromPeers[counted, default: 0] < self.limits.connectionsPerPeer else { return .peer }
                state.fromPeers[counted, default: 0] += 1
            } else {
                state.fromLoopback += 1
            }
            state.open[ObjectIdentifier(channel)] = channel
            return nil
        }
        guard refusal == nil else { return refusal }
        let key = ObjectIdentifier(channel)
        channel.closeFuture.whenComplete { _ in self.leave(key, counted) }
        return nil
    }

    private func leave(_ key: ObjectIdentifier, _ counted: IPAddress?) {
        self.state.withLock { state in
            state.open[key] = nil
            guard let counted else {
                state.fromLoopback -= 1
                return
            }
            let left = state.fromPeers[counted, default: 1] - 1
            state.fromPeers[counted] = left > 0 ? left : nil
        }
    }

    /// Takes one of the few places of refused connections that are still told why.
    ///
    /// - Returns: False when there is none: close at once.
    func mayLinger(_ channel: any Channel) -> Bool {
        let isAllowed = self.state.withLock { state in
            guard state.leaving < Self.maximumLeaving else { return false }
            state.leaving += 1
            return true
        }
        guard isAllowed else { return false }
        channel.closeFuture.whenComplete { _ in self.state.withLock { $0.leaving -= 1 } }
        return true
    }

    /// Lets nobody in any more and asks those who are there to go once their request is answered.
    func stop() {
        let open = self.state.withLock { state in
            state.isStopping = true
            return Array(state.open.values)
        }
        for channel in open { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }
}
