import HostControl
import LocalAPI
import PollLoop
import StationCore
import StationData

extension StationRuntime {
    /// The ways to the host, over one connection to the bus.
    func hostControl(loop: LoopThread) -> (ports: HostPorts, network: NetworkControl, bus: HostBus) {
        let logger = self.setup.log.logger("station.host")
        let bus = HostBus(on: loop)
        let network = NetworkControl(bus: bus, clock: self.clock, logger: logger)
        let system = SystemControl(
            bus: bus, dataDirectory: self.configuration.data.directory, clock: self.clock, logger: logger
        )
        return (HostPorts(network: network, system: system, restartAgent: Self.restart), network, bus)
    }

    /// What the LAN is told of the station; `nil` where only this machine can reach it.
    func announcement(_ doors: APIDoors, _ secrets: StationSecrets, hub: StationHub) -> StationAnnouncement? {
        let http = self.configuration.http
        let mqtt = self.configuration.mqtt
        guard !doors.inherited.descriptors.isEmpty || !http.isForThisMachineOnly else { return nil }
        return StationAnnouncement(
            name: hub.stationName, id: secrets.stationID, version: AgentVersion.text, isClaimed: false,
            httpPort: 0, isSecure: http.tls != nil,
            mqttPort: mqtt.publicHost == http.localName ? UInt16(exactly: mqtt.publicPort) : nil
        )
    }
}
