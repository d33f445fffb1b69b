import MQTTTransport
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Alerts on the broker", .serialized, .timeLimit(.minutes(2)))
struct AlertTests {
    @Test("A place is told of each that opens and ends, with QoS 1, not retained, exactly as the contract says")
    func told() async throws {
        try await BridgeFixture.run { fixture in
            let device = try await fixture.addDevice("thermometer", type: "climate")
            let sensor = try #require(try await fixture.hub.sensors(of: device.id).first)
            let threshold = try await fixture.hub.addThreshold(
                NewThreshold(kind: .max, value: 30.5, severity: .critical, clearBand: 0), to: sensor.id, of: device.id
            )
            let topic = "placebrain/\(device.placeID)/alerts"
            let listener = try await fixture.client(hearing: ["placebrain/+/alerts"])
            let played = try await fixture.play("thermometer")
            try await played.shakeHands("{}")
            for value in ["31", "32", "30"] {
                try await played.say("state", #"{"state":{"temperature":\#(value)}}"#)
            }
            try await eventually("both are told") { listener.messages(on: topic).count == 2 }
            let messages = listener.messages(on: topic)
            #expect(messages.allSatisfy { $0.qos == 1 && !$0.isRetained })
            let objects = try messages.map { try #require(try JSONValue.parse($0.payload).objectValue) }
            let alert = try #require(try await fixture.hub.alerts(AlertQuery(in: device.placeID)).alerts.first)
            var expected: JSONObject = [
                "id": .string(alert.id.description), "event_type": "created",
                "sensor_id": .string(sensor.id.description), "threshold_id": .string(threshold.id.description),
                "device_id": .string(device.id.description), "place_id": .string(device.placeID.description),
                "key": "temperature", "value": 31, "threshold_value": .number(30.5), "threshold_type": "max",
                "severity": "critical", "created_at": .string(alert.createdAt.description), "resolved_at": .null,
            ]
            #expect(JSONValue.object(objects[0]).description == JSONValue.object(expected).description)
            expected["event_type"] = "resolved"
            expected["resolved_at"] = .string(try #require(alert.resolvedAt).description)
            #expect(JSONValue.object(objects[1]).description == JSONValue.object(expected).description)
        }
    }

    @Test("One that opens while the broker is away is told to nobody, and the next one is")
    func away() async throws {
        try await BrokerProcess.run { broker in
            try await CuttingProxy.run(to: broker.port) { proxy in
                try await BridgeFixture.run(to: proxy.port, clientPort: broker.port) { fixture in
                    let device = try await fixture.addDevice("thermometer", type: "climate")
                    let sensor = try #require(try await fixture.hub.sensors(of: device.id).first)
                    for limit in [30.0, 40] {
                        _ = try await fixture.hub.addThreshold(
                            NewThreshold(kind: .max, value: limit), to: sensor.id, of: device.id
                        )
                    }
                    let listener = try await fixture.client(hearing: ["placebrain/+/alerts"])
                    func hear(_ temperature: Double) async {
                        let address = DeviceAddress(dialect: .smarthome, scope: BridgeFixture.station)
                        let content = DeviceReport.Content.state(
                            ["temperature": .number(temperature)], measuredAt: nil
                        )
                        _ = await fixture.hub.ingest([
                            DeviceReport(sender: device.externalID, address: address, content: content)
                        ])
                    }
                    try await proxy.refuse()
                    try await eventually("the bridge has noticed") { fixture.health[.mqtt]?.status == .degraded }
                    await hear(31)
                    #expect(try await fixture.hub.openAlertCounts() == [device.placeID: 1])
                    try await proxy.heal()
                    try await fixture.waitUntilConnected()
                    await hear(41)
                    let topic = "placebrain/\(device.placeID)/alerts"
                    try await eventually("the second is told") { !listener.messages(on: topic).isEmpty }
                    let told = try listener.messages(on: topic).map { try JSONValue.parse($0.payload).objectValue }
                    #expect(told.map { $0?["threshold_value"]?.doubleValue } == [40])
                }
            }
        }
    }
}
