import StationCore
import Testing

@Suite("What the published firmware says")
struct SmartHomePayloadTests {
    @Test("Good payloads become reports")
    func good() throws {
        let time = try #require(Timestamp(iso8601: "2026-11-21T08:30:00.000Z"))
        let state = try SmartHomePayload.state(["state": ["on": true], "timestamp": "2026-11-21T08:30:00.000Z"])
        #expect(state == .state(["on": true], measuredAt: time))
        #expect(try SmartHomePayload.state(["state": [:], "timestamp": .null]) == .state([:], measuredAt: nil))
        #expect(try SmartHomePayload.event(["event": "user_event"]) == .event(.userEvent, data: [:]))
        #expect(try SmartHomePayload.heartbeat(["status": "offline"]) == .lastWill)
        let hello = try SmartHomePayload.handshake(["type": "light", "kit_tag": "k", "more": 1])
        #expect(hello == .handshake(Handshake(type: "light", firmwareVersion: nil, chip: nil, kitTag: "k")))
    }

    @Test("A fault names its member")
    func faults() {
        for (object, field) in [
            (["state": 1], "state"), ([:], "state"), (["state": [:], "timestamp": 5], "timestamp"),
            (["state": [:], "timestamp": "noon"], "timestamp"),
        ] as [(JSONObject, String)] {
            let fault = #expect(throws: PayloadFault.self) { try SmartHomePayload.state(object) }
            #expect(fault?.field == field)
        }
        for (object, field) in [
            (["event": "boot"], "event"), ([:], "event"), (["event": "device_event", "data": 1], "data"),
        ] as [(JSONObject, String)] {
            let fault = #expect(throws: PayloadFault.self) { try SmartHomePayload.event(object) }
            #expect(fault?.field == field)
        }
    }
}
