import DeviceSimulator
import Foundation
import MQTTTransport
import StationCore
import StationTestSupport
import Testing

@Suite("A fleet lives with its broker")
struct FleetLifeTests {
    @Test("200 devices of all types on two threads connect, a few at a time, and are accepted")
    func twoHundred() async throws {
        try await withStation { broker, station in
            let devices = try VirtualDeviceType.allCases.flatMap { try VirtualDeviceProfile.series($0, count: 50) }
            var plan = try impatientPlan(broker, devices)
            plan.loops = 2
            plan.connectsInFlight = 16
            plan.behaviour.handshakeInterval = .seconds(5)
            try await VirtualFleet.run(plan) { fleet in
                try await eventually("all accepted") { await fleet.snapshot().accepted == 200 }
                let snapshot = await fleet.snapshot()
                #expect(snapshot.devices == 200)
                #expect(snapshot.connected == 200)
                #expect(snapshot.tally.connections == 200)
                #expect(snapshot.tally.connectFailures == 0)
                #expect(Set(station.heard("handshake").map(\.device)).count == 200)
                for index in [0, 1, 99, 150, 199] {
                    #expect(await fleet.device(at: index).profile == devices[index])
                }
            }
        }
    }

    /// Made by `mosquitto_passwd -b`; the password is “open-sesame”.
    static let passwordFile = """
        sim-light-0001:$7$101$ojBy52A4ZvfuVf6/$yypBsLHozauKMimhYTC2d60OmJbABNu9xyLa\
        9bCR/iyv+5h8tu1ePRGIGjzM87mhc6TXpEd+Pco3kBGl0w/8Xw==

        """

    @Test("a device logs in with what the plan gives it; one that the broker refuses keeps trying")
    func credentials() async throws {
        try await BrokerProcess.run(
            allowAnonymous: false,
            configuration: { directory in
                let file = directory.appending(path: "passwords")
                try Data(Self.passwordFile.utf8).write(to: file)
                return ["password_file \(file.path)"]
            }
        ) { broker in
            var plan = try impatientPlan(broker, try VirtualDeviceProfile.series(.light, count: 2))
            plan.credentials = { externalID in
                FleetPlan.Credentials(username: externalID.description, password: Secret("open-sesame"))
            }
            try await VirtualFleet.run(plan) { fleet in
                try await eventually("one is let in") { await fleet.device(at: 0).isConnected }
                try await eventually("the other keeps trying") {
                    await fleet.device(at: 1).tally.connectFailures >= 3
                }
                #expect(await fleet.snapshot().connected == 1)
            }
        }
    }

    @Test("a broker that restarts is found again by all, and all shake hands again")
    func brokerRestart() async throws {
        try await BrokerProcess.run { broker in
            let endpoint = try MQTTEndpoint(url: broker.url)
            var plan = try impatientPlan(broker, try VirtualDeviceProfile.series(.climate, count: 20))
            plan.behaviour.handshakeInterval = .milliseconds(200)
            try await VirtualFleet.run(plan) { fleet in
                try await StationPeer.run(on: endpoint) { _ in
                    try await eventually("accepted") { await fleet.snapshot().accepted == 20 }
                }
                await broker.kill()
                try await eventually("all notice") { await fleet.snapshot().connected == 0 }
                try await eventually("all try") { await fleet.snapshot().tally.connectFailures >= 20 }
                try await broker.start()
                try await StationPeer.run(on: endpoint) { station in
                    try await eventually("accepted again") { await fleet.snapshot().accepted == 20 }
                    #expect(Set(station.heard("handshake").map(\.device)).count == 20)
                }
                let snapshot = await fleet.snapshot()
                #expect(snapshot.tally.reconnects == 20)
                #expect(snapshot.tally.connectionsLost == 20)
            }
        }
    }

    @Test("a fleet that is stopped leaves as its plan says", arguments: FleetPlan.Farewell.allCases)
    func farewell(farewell: FleetPlan.Farewell) async throws {
        try await withStation { broker, station in
            var plan = try impatientPlan(broker, try VirtualDeviceProfile.series(.pir, count: 5))
            plan.farewell = farewell
            try await VirtualFleet.run(plan) { fleet in
                try await eventually("accepted") { await fleet.snapshot().accepted == 5 }
            }
            // A marker behind whatever the broker still had to say.
            var marker = try impatientPlan(broker)
            marker.farewell = .disconnect
            try await VirtualFleet.run(marker) { fleet in
                try await eventually("the marker is heard") { !station.heard(sampleLight, "state").isEmpty }
            }
            let expected = farewell == .unplugged ? 5 : 0
            try await eventually("\(expected) last wills") {
                station.heard("heartbeat").filter { $0.text == #"{"status":"offline"}"# }.count == expected
            }
        }
    }

    @Test("a fleet without broker keeps trying, and can be stopped")
    func noBroker() async throws {
        let endpoint = MQTTEndpoint(host: "127.0.0.1", port: 1)
        var plan = FleetPlan(
            endpoint: endpoint, stationID: try #require(StationID("s")),
            devices: try VirtualDeviceProfile.series(.climate, count: 3))
        plan.behaviour.reconnectBase = .milliseconds(5)
        try await VirtualFleet.run(plan) { fleet in
            try await eventually("some attempts") { await fleet.snapshot().tally.connectFailures >= 9 }
            #expect(await fleet.snapshot().connected == 0)
        }
    }

    @Test("a fleet lets no more devices wait for a silent peer than it may, and can be stopped meanwhile")
    func silentPeer() async throws {
        try await FakePeer.run(.silent) { peer in
            var plan = FleetPlan(
                endpoint: MQTTEndpoint(host: "127.0.0.1", port: UInt16(peer.port)),
                stationID: try #require(StationID("s")), devices: try VirtualDeviceProfile.series(.climate, count: 30))
            plan.connectsInFlight = 4
            try await VirtualFleet.run(plan) { fleet in
                try await eventually("four wait") { peer.openConnections == 4 }
                // No others come while these wait: each snapshot is a turn of the loop that would let them.
                for _ in 0..<200 {
                    #expect(await fleet.snapshot().connected == 0)
                    #expect(peer.openConnections <= 4)
                }
            }
        }
    }

    @Test("a fleet whose task is cancelled ends, and the broker sends the wills")
    func cancelled() async throws {
        try await withStation { broker, station in
            let plan = try impatientPlan(broker, try VirtualDeviceProfile.series(.pir, count: 3))
            let task = Task {
                try await VirtualFleet.run(plan) { fleet in try await fleet.waitUntilDone() }
            }
            try await eventually("all are here") { station.heard("state").count == 3 }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            try await eventually("all wills") {
                station.heard("heartbeat").filter { $0.text == #"{"status":"offline"}"# }.count == 3
            }
        }
    }
}
