import LocalAPI
import StationCore
import StationTestSupport

/// A host that is as the test says, and notes what it and the agent were told.
final class ScriptedHost: HostSystem {
    private struct State {
        var info = HostInfo()
        var refusal: HostFault?
        var failure: HostFault?
        var reboots = 0
        var agentRestarts = 0
    }

    private let state = Locked(State())

    init(_ info: HostInfo = HostInfo()) {
        self.state.withLock { $0.info = info }
    }

    // MARK: For the test

    var reboots: Int { self.state.value.reboots }
    var agentRestarts: Int { self.state.value.agentRestarts }

    /// What it says when it is asked whether it would restart.
    func refuse(_ refusal: HostFault?) {
        self.state.withLock { $0.refusal = refusal }
    }

    /// What happens when it is told to restart after all.
    func fail(_ failure: HostFault?) {
        self.state.withLock { $0.failure = failure }
    }

    /// Ways to this host, without a network.
    var ports: HostPorts {
        HostPorts(system: self) { [state] in state.withLock { $0.agentRestarts += 1 } }
    }

    // MARK: HostSystem

    func info() async -> HostInfo { self.state.value.info }

    func demandReboot() async throws(HostFault) {
        if let refusal = self.state.value.refusal { throw refusal }
    }

    func reboot() async throws(HostFault) {
        let failure = self.state.withLock { state in
            state.reboots += 1
            return state.failure
        }
        if let failure { throw failure }
    }
}
