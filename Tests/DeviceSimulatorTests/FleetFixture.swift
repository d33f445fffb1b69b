import DeviceSimulator
import MQTTTransport
import StationCore
import StationTestSupport
import Testing

/// The device of a plan for one light.
let sampleLight = "sim-light-0001"
let turnOn = #"{"action":"turn_on"}"#

/// A plan whose devices, a light unless given, do nothing by themselves and are impatient.
func impatientPlan(_ broker: BrokerProcess, _ devices: [VirtualDeviceProfile]? = nil) throws -> FleetPlan {
    var plan = FleetPlan(
        endpoint: try MQTTEndpoint(url: broker.url), stationID: try #require(StationID(StationPeer.id)),
        devices: try devices ?? VirtualDeviceProfile.series(.light, count: 1))
    plan.behaviour = .quiet
    plan.behaviour.handshakeInterval = .milliseconds(50)
    plan.behaviour.reconnectBase = .milliseconds(20)
    plan.behaviour.reconnectLimit = .milliseconds(200)
    plan.behaviour.rebootTime = .milliseconds(20)
    return plan
}

/// Runs `body` with a broker and a station on it.
func withStation(
    answering answer: StationPeer.Answer = .ok,
    isolation: isolated (any Actor)? = #isolation,
    _ body: (BrokerProcess, StationPeer) async throws -> Void
) async throws {
    try await BrokerProcess.run { broker in
        try await StationPeer.run(on: try MQTTEndpoint(url: broker.url), answering: answer) { station in
            try await body(broker, station)
        }
    }
}
