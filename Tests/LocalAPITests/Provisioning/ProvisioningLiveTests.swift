import Accounts
import StationCore
import StationData
import StationTestSupport
import Testing

@testable import LocalAPI

@Suite("Watching the provisioning")
struct ProvisioningLiveTests {
    private static let path = "/ws/provisioning"

    private static func types(of client: LiveProbe) -> [String] {
        client.messages.compactMap { $0["type"]?.stringValue }.filter { $0.hasPrefix("provisioning_") }
    }

    private static func count(_ type: String, in client: LiveProbe) -> Int {
        Self.types(of: client).count { $0 == type }
    }

    private static func waitForWatchers(_ count: Int, of provisioning: ScriptedProvisioning) async throws {
        try await eventually("\(count) clients watch") { provisioning.watcherCount == count }
    }

    @Test("A new client is told the adapter's state and what is in sight, then what happens")
    func telling() async throws {
        let provisioning = ScriptedProvisioning([try ScriptedProvisioning.lamp()])
        let id = try ScriptedProvisioning.lamp().externalID
        let deviceID = DeviceID.make(at: ManualClock.usualWallTime)
        try await LocalAPIFixture.run(provisioning: provisioning) { station in
            try await LiveProbe.run(port: station.port, path: Self.path, token: station.owner.accessToken) { client in
                #expect(try await client.message("provisioning_adapter")["state"] == "ready")
                let candidate = try await client.message("provisioning_candidate")
                #expect(
                    candidate == [
                        "type": "provisioning_candidate", "externalId": "lamp-1", "address": "AA:BB:CC:DD:EE:FF",
                        "name": "SH_lamp-1", "deviceType": "light", "defaultName": "Light lamp-1", "rssi": -60,
                        "dialect": "smarthome",
                    ]
                )
                for step in ProvisioningStep.allCases { provisioning.tell(.progress(id, step)) }
                provisioning.tell(.result(id, deviceID: deviceID, failure: nil))
                let result = try await client.message("provisioning_result")
                #expect(
                    result == [
                        "type": "provisioning_result", "externalId": "lamp-1", "ok": true,
                        "deviceId": .string(deviceID.description),
                    ]
                )
                let steps = client.messages.filter { $0["type"] == "provisioning_progress" }.map { $0["step"] }
                #expect(steps == ["connecting", "resolving", "writing", "waiting_for_device", "online"])
                provisioning.turn(.poweredOff)
                try await client.message("provisioning_adapter") { $0["state"] == "powered_off" }
                #expect(client.messages.first?["type"] == "hello")
            }
        }
    }

    @Test("What is not known of a candidate is null, and a failure says why")
    func shapes() throws {
        let id = try #require(ExternalID("x"))
        let candidate = ProvisioningCandidate(
            externalID: id, address: "A", name: nil, deviceType: nil, defaultName: "X", rssi: nil, dialect: .improv
        )
        let json = ProvisioningEvent.candidate(candidate).json
        #expect(json["name"] == .null && json["deviceType"] == .null && json["rssi"] == .null)
        #expect(json["dialect"] == "improv")
        #expect(
            ProvisioningEvent.candidateLost(id).json == ["type": "provisioning_candidate_lost", "externalId": "x"]
        )
        let failure = ProvisioningEvent.result(id, deviceID: nil, failure: .deviceDidNotAppear).json
        #expect(failure["ok"] == false && failure["error"] == "device_did_not_appear")
        #expect(failure["deviceId"] == nil && failure["detail"] == nil)
        #expect(failure["message"] == .string(ProvisioningFailure.deviceDidNotAppear.message))
    }

    @Test("A client of /ws watches from provisioning_start to provisioning_stop, whatever topics it chose")
    func startAndStop() async throws {
        let provisioning = ScriptedProvisioning()
        let lamp = try ScriptedProvisioning.lamp()
        try await LocalAPIFixture.run(provisioning: provisioning) { station in
            try await LiveProbe.run(port: station.port, token: station.owner.accessToken) { client in
                try await client.message("hello")
                #expect(provisioning.watchesSoFar == 0)
                try await client.send(["type": "subscribe", "topics": ["alert"]])
                try await client.send(["type": "provisioning_start"])
                try await client.message("provisioning_adapter")
                provisioning.find(lamp)
                try await client.message("provisioning_candidate")
                try await client.send(["type": "provisioning_stop"])
                try await Self.waitForWatchers(0, of: provisioning)
                provisioning.tell(.candidateLost(lamp.externalID))
                try await client.send(["type": "ping"])
                try await client.message("pong")
                #expect(Self.count("provisioning_candidate_lost", in: client) == 0)
                try await client.send(["type": "provisioning_stop"])
                try await client.send(["type": "provisioning_start"])
                try await eventually("it is told once more") { Self.count("provisioning_candidate", in: client) == 2 }
            }
            try await Self.waitForWatchers(0, of: provisioning)
        }
    }

    @Test("Starting again tells everything again, and somebody watches all the while")
    func startingTwice() async throws {
        let provisioning = ScriptedProvisioning([try ScriptedProvisioning.lamp()])
        try await LocalAPIFixture.run(provisioning: provisioning) { station in
            try await LiveProbe.run(port: station.port, path: Self.path, token: station.owner.accessToken) { client in
                try await client.message("provisioning_candidate")
                try await client.send(["type": "provisioning_start"])
                try await eventually("it is told once more") { Self.count("provisioning_candidate", in: client) == 2 }
                try await Self.waitForWatchers(1, of: provisioning)
                #expect(provisioning.watchesSoFar == 2 && provisioning.fewestAfterFirst == 1)
            }
        }
    }

    @Test("Whoever leaves or stops being let in watches no more")
    func leaving() async throws {
        let provisioning = ScriptedProvisioning()
        try await LocalAPIFixture.run(provisioning: provisioning) { station in
            let token = station.owner.accessToken
            try await LiveProbe.run(port: station.port, path: Self.path, token: token) { client in
                try await client.message("provisioning_adapter")
                try await LiveProbe.run(port: station.port, token: token) { other in
                    try await other.message("hello")
                    try await other.send(["type": "provisioning_start"])
                    try await Self.waitForWatchers(2, of: provisioning)
                }
                try await Self.waitForWatchers(1, of: provisioning)
            }
            try await Self.waitForWatchers(0, of: provisioning)
            let member = try await station.addUser("m@example.com", role: .member)
            try await LiveProbe.run(port: station.port, path: Self.path, token: member.accessToken) { client in
                try await client.message("provisioning_adapter")
                try await station.hub.removeUser(member.user.id)
                #expect(try await client.closed() == 4401)
                try await Self.waitForWatchers(0, of: provisioning)
            }
            let strangers = provisioning.watchesSoFar
            try await LiveProbe.run(port: station.port, path: Self.path, token: Secret("wrong")) { client in
                let code = try await client.closed()
                #expect(code == 1008)
            }
            #expect(provisioning.watchesSoFar == strangers)
        }
    }

    // MARK: The seat alone

    private static func unread(_ inbox: LiveClient.Inbox) async -> [String] {
        inbox.post(.provisioning(text: "end"))
        var texts: [String] = []
        while case .message(.provisioning(let text))? = await inbox.makeAsyncIterator().next(), text != "end" {
            texts.append(text)
        }
        return texts
    }

    @Test("What is newest of a device replaces what is unread; steps are all kept")
    func coalescing() async throws {
        let provisioning = ScriptedProvisioning()
        let inbox = LiveClient.Inbox(capacity: 64)
        let seat = ProvisioningSeat(provisioning, inbox: inbox)
        var lamp = try ScriptedProvisioning.lamp()
        seat.take()
        for rssi in 1...50 {
            lamp.rssi = -rssi
            provisioning.tell(.candidate(lamp))
        }
        provisioning.tell(.candidateLost(lamp.externalID))
        provisioning.tell(.progress(lamp.externalID, .connecting))
        provisioning.tell(.progress(lamp.externalID, .resolving))
        provisioning.tell(.result(lamp.externalID, deviceID: nil, failure: nil))
        var seen: [String] = []
        try await eventually("all has come") {
            seen += await Self.unread(inbox)
            return seen.last?.contains("provisioning_result") == true
        }
        #expect(seen.count { $0.contains("provisioning_progress") } == 2)
        #expect(seen.contains { $0.contains("candidate_lost") })
        seat.close()
        try await Self.waitForWatchers(0, of: provisioning)
    }

    @Test("A seat that is closed is taken no more, and one that is free is not renewed")
    func closed() async throws {
        let provisioning = ScriptedProvisioning()
        let seat = ProvisioningSeat(provisioning, inbox: LiveClient.Inbox(capacity: 64))
        seat.renew()
        #expect(provisioning.watchesSoFar == 0)
        seat.take()
        seat.renew()
        #expect(provisioning.watchesSoFar == 2)
        try await Self.waitForWatchers(1, of: provisioning)
        seat.leave()
        seat.renew()
        try await Self.waitForWatchers(0, of: provisioning)
        seat.take()
        seat.close()
        seat.take()
        #expect(provisioning.watchesSoFar == 3)
        try await Self.waitForWatchers(0, of: provisioning)
    }
}
