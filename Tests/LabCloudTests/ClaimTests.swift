import LabCloud
import StationCore
import StationTestSupport
import Testing

@Suite("Claims and tokens at the lab cloud (contract 4)")
struct ClaimTests {
    /// The token that a claim brought.
    static func token(_ client: LabClient, _ type: String = "claim_success") async throws -> Secret {
        let message = try await client.message("type", type)
        return Secret(try (message["stationToken"]?.stringValue).unwrapped("a token"))
    }

    static func waits(_ lab: LabCloud, _ chipID: String) async throws {
        try await eventually("\(chipID) waits") { lab.station(chipID)?.presence == .waiting }
    }

    @Test("A station that waits is claimed with its secret, comes back with its token and is let in")
    func claim() async throws {
        try await LabCloud.run { lab in
            let token = try await LabClient.run(lab) { client in
                try await client.handshake("chip", secret: "right")
                try await Self.waits(lab, "chip")
                #expect(client.received.isEmpty)
                await #expect(throws: LabError.wrongSecret(chipID: "chip")) {
                    try await lab.claim("chip", secret: Secret("wrong"))
                }
                let isTold = try await lab.claim("chip", secret: Secret("right"))
                #expect(isTold)
                return try await Self.token(client)
            }
            try await eventually("it has gone") { lab.station("chip")?.presence == .absent }
            try await LabClient.run(lab) { client in
                try await client.enter(token)
                let station = try lab.station("chip").unwrapped("chip")
                #expect(station.presence == .authenticated)
                #expect(station.isClaimed)
                #expect(station.handshakes == 1)
                #expect(station.authentications == 1)
            }
        }
    }

    @Test("A claim that was entered before comes true when the station comes, in the word that was asked for")
    func expectedClaim() async throws {
        try await LabCloud.run { lab in
            let isTold = try await lab.claim("chip", secret: Secret("right"), word: .claimed)
            #expect(!isTold)
            try await LabClient.run(lab) { client in
                try await client.handshake("chip", secret: "wrong")
                try await Self.waits(lab, "chip")
                try await client.handshake("chip", secret: "right")
                _ = try await Self.token(client, "claimed")
            }
        }
    }

    @Test("A lab that claims everybody asks nobody")
    func claimsEverybody() async throws {
        var options = LabOptions()
        options.claimsEverybody = true
        try await LabCloud.run(options: options) { lab in
            try await LabClient.run(lab) { client in
                try await client.handshake("chip")
                _ = try await Self.token(client)
            }
        }
    }

    @Test("A station that did not hear of its claim hears the same again; once it has come in, its secret is spent")
    func lostClaim() async throws {
        try await LabCloud.run { lab in
            try await lab.claim("chip")
            let first = try await LabClient.run(lab) { client in
                try await client.handshake("chip")
                return try await Self.token(client)
            }
            let second = try await LabClient.run(lab) { client in
                try await client.handshake("chip")
                return try await Self.token(client)
            }
            #expect(first == second)
            try await LabClient.run(lab) { try await $0.enter(first) }
            try await LabClient.run(lab) { client in
                try await client.handshake("chip")
                let error = try await client.message("type", "error")
                #expect(error["inReplyTo"] == "claim_handshake")
            }
        }
    }

    @Test("Unknown, old and revoked tokens are refused")
    func refusals() async throws {
        try await LabCloud.run { lab in
            let old = try lab.admit("chip")
            let new = try lab.admit("chip")
            for token in [Secret("anything"), Secret("lab.chip.0"), old] {
                try await LabClient.run(lab) { client in
                    try await client.authenticate(token)
                    try await client.message("type", "auth_failed")
                }
            }
            try await LabClient.run(lab) { client in
                try await client.enter(new)
                try lab.revoke("chip")
                _ = try await client.end()
            }
            try await LabClient.run(lab) { client in
                try await client.authenticate(new)
                try await client.message("type", "auth_failed")
            }
            #expect(lab.station("chip")?.isClaimed == false)
        }
    }

    @Test("Made-up tokens leave nothing behind, unless the lab is told to trust them")
    func trust() async throws {
        let token = try await LabCloud.run { lab in try lab.admit("chip") }
        try await LabCloud.run { lab in
            try await LabClient.run(lab) { client in
                try await client.authenticate(token)
                try await client.message("type", "auth_failed")
            }
            #expect(lab.stations.isEmpty)
        }
        var options = LabOptions()
        options.trustsTokens = true
        try await LabCloud.run(options: options) { lab in
            try await LabClient.run(lab) { try await $0.enter(token) }
            #expect(lab.station("chip")?.authentications == 1)
        }
    }

    @Test("The newer connection of a station ends the older one")
    func replaced() async throws {
        try await LabCloud.run { lab in
            let token = try lab.admit("chip")
            try await LabClient.run(lab) { older in
                try await older.enter(token)
                try await LabClient.run(lab) { newer in
                    try await newer.enter(token)
                    _ = try await older.end()
                    #expect(lab.station("chip")?.presence == .authenticated)
                    #expect(newer.ending == nil)
                }
            }
        }
    }

    @Test("A reset is told at once to who is there, and otherwise answers the token until the station is new")
    func reset() async throws {
        try await LabCloud.run { lab in
            let token = try lab.admit("chip")
            try await LabClient.run(lab) { client in
                try await client.enter(token)
                let isTold = try await lab.reset("chip")
                #expect(isTold)
                try await client.message("type", "station_reset")
            }
            try await LabClient.run(lab) { client in
                try await client.authenticate(token)
                try await client.message("type", "pending_reset")
                await #expect(throws: LabError.notConnected(chipID: "chip")) { try await lab.call("x", of: "chip") }
            }
            try await LabClient.run(lab) { client in
                try await client.handshake("chip", secret: "s-2")
                try await eventually("it has asked") { lab.station("chip")?.handshakes == 1 }
                #expect(lab.station("chip")?.isClaimed == false)
            }
        }
    }
}
