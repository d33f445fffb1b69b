import Accounts
import StationCore
import StationData
import StationTestSupport
import Testing

@testable import LocalAPI

@Suite("The routes of the cloud")
struct CloudTests {
    /// A cloud over the store alone, without a link.
    private final class Cloud: CloudLinking {
        static let chipID = "0123456789abcdef0123456789abcdef"

        let secret = Locked(Secret("claim-secret"))
        let token = Locked<Secret?>(nil)
        let failure = Locked<StoreError?>(nil)

        var status: CloudStatus {
            let isClaimed = self.token.value != nil
            return CloudStatus(
                state: isClaimed ? .authenticated : .waiting, isClaimed: isClaimed,
                claimedAt: isClaimed ? ManualClock.usualWallTime : nil, host: "wss://cloud.example",
                connectedSince: ManualClock.usualWallTime, lastError: "no answer from wss://a:b@cloud.example/",
                activeChannels: [.status, .alert], outboxDepth: 3
            )
        }

        var claimOffer: CloudClaimOffer? {
            self.token.value == nil ? CloudClaimOffer(chipID: Self.chipID, claimSecret: self.secret.value) : nil
        }

        func claim() { self.token.withLock { $0 = Secret("token") } }

        func unclaim() async throws {
            if let failure = self.failure.value { throw failure }
            self.token.withLock { $0 = nil }
        }
    }

    @Test("How the link stands is told to whoever is signed in")
    func status() async throws {
        let cloud = Cloud()
        try await LocalAPIFixture.run(cloud: cloud) { station in
            let member = try await station.person(.member)
            let answer = try await member.get("/api/cloud/status")
            expectStatus(answer, 200)
            let json = try answer.json
            #expect(
                json == [
                    "state": "waiting", "claimed": false, "claimedAt": .null, "host": "wss://cloud.example",
                    "connectedSince": JSONValue(ManualClock.usualWallTime),
                    "lastError": .string(SecretMask.inURLs("no answer from wss://a:b@cloud.example/")),
                    "reconnectAt": .null, "activeChannels": ["alert", "status"], "outboxDepth": 3,
                ]
            )
            #expect(json["lastError"]?.stringValue?.contains("a:b") == false)
            try expectError(try await station.stranger.get("/api/cloud/status"), 401, "unauthorized")
            try expectError(try await station.agent.get("/api/cloud/status"), 401, "invalid_token")
        }
    }

    @Test("Without a cloud there is a status, and nothing to claim or to end")
    func noCloud() async throws {
        try await LocalAPIFixture.run { station in
            let status = try await station.api.get("/api/cloud/status").json
            #expect(status["state"] == "off" && status["claimed"] == false && status["host"] == .null)
            for path in ["/api/cloud/claim", "/api/cloud/claim.svg"] {
                try expectError(try await station.api.get(path), 404, "cloud_not_configured")
            }
            try expectError(try await station.api.send("POST", "/api/cloud/unclaim"), 404, "cloud_not_configured")
        }
    }

    @Test("The claim is shown to the owner and to whoever is on the station, also as an image, and is never cached")
    func claim() async throws {
        let cloud = Cloud()
        try await LocalAPIFixture.run(cloud: cloud) { station in
            for caller in [station.api, station.stranger] {
                let answer = try await caller.get("/api/cloud/claim")
                expectStatus(answer, 200)
                let json = try answer.json
                #expect(json["chipId"] == .string(Cloud.chipID) && json["claimSecret"] == "claim-secret")
                let code = try #require(
                    QRCode(#"{"chipId":"\#(Cloud.chipID)","claimSecret":"claim-secret"}"#)
                )
                #expect(json["qr"] == .string(code.svg) && answer["Cache-Control"] == "no-store")
                let image = try await caller.get("/api/cloud/claim.svg")
                #expect(image.text == code.svg && image["Content-Type"] == "image/svg+xml")
                #expect(image["Cache-Control"] == "no-store")
            }
        }
    }

    @Test("Through a proxy on the station nobody is taken for somebody who stands before it")
    func proxy() async throws {
        let cloud = Cloud()
        try await LocalAPIFixture.run(cloud: cloud) { station in
            for (name, value) in [("X-Forwarded-For", "10.0.0.7"), ("Forwarded", "for=10.0.0.7")] {
                let answer = try await station.stranger.send("GET", "/api/cloud/claim", headers: [name: value])
                try expectError(answer, 401, "unauthorized")
            }
        }
    }

    @Test("Only the owner gets the claim with a token; once claimed it is shown to nobody")
    func claimed() async throws {
        let cloud = Cloud()
        try await LocalAPIFixture.run(cloud: cloud) { station in
            cloud.claim()
            let admin = try await station.person(.admin)
            for path in ["/api/cloud/claim", "/api/cloud/claim.svg"] {
                try expectError(try await station.stranger.get(path), 401, "unauthorized")
                try expectError(try await admin.get(path), 403, "forbidden")
                try expectError(try await station.api.get(path), 409, "cloud_claimed")
            }
        }
    }

    @Test("The owner ends the claim, and nobody else; a store that fails is said to have failed")
    func unclaim() async throws {
        let cloud = Cloud()
        try await LocalAPIFixture.run(cloud: cloud) { station in
            cloud.claim()
            let admin = try await station.person(.admin)
            try expectError(try await admin.send("POST", "/api/cloud/unclaim"), 403, "forbidden")
            try expectError(try await station.stranger.send("POST", "/api/cloud/unclaim"), 401, "unauthorized")
            cloud.failure.withLock { $0 = .unavailable("full") }
            try expectError(try await station.api.send("POST", "/api/cloud/unclaim"), 503, "store_unavailable")
            #expect(cloud.status.isClaimed)
            cloud.failure.withLock { $0 = nil }
            let answer = try await station.api.send("POST", "/api/cloud/unclaim")
            expectStatus(answer, 200)
            let json = try answer.json
            #expect(json["claimed"] == false && json["state"] == "waiting" && !cloud.status.isClaimed)
        }
    }

    @Test("The cloud's members sign in with its password for fourteen days; a new one ends what is open")
    func cloudPassword() async throws {
        let clock = ManualClock()
        try await LocalAPIFixture.run(clock: clock) { station in
            let hash = try #require(BcryptHash(LocalAPIFixture.passwordHash))
            let member = CloudMember(
                cloudUserID: "a", email: try #require(EmailAddress("a@example.com")), role: .member, passwordHash: hash
            )
            try await station.hub.addCloudMember(member)
            let signIn = try await station.signIn("a@example.com")
            let caller = HTTPProbe(port: station.port, token: signIn.accessToken)
            let before = try await caller.get("/api/auth/me")
            expectStatus(before, 200)
            clock.advance(by: .seconds(1))
            try await station.hub.setCloudPassword(hash, of: "a")
            let after = try await caller.get("/api/auth/me")
            expectStatus(after, 401)
            clock.advance(by: .seconds(14 * 86_400))
            _ = try await station.signIn("a@example.com")
            clock.advance(by: .seconds(1))
            await #expect(throws: AccountError.invalidCredentials) { try await station.signIn("a@example.com") }
        }
    }

    @Test("A member that the cloud removes is signed out at once")
    func removedMember() async throws {
        try await LocalAPIFixture.run { station in
            let hash = try #require(BcryptHash(LocalAPIFixture.passwordHash))
            let member = CloudMember(
                cloudUserID: "a", email: try #require(EmailAddress("a@example.com")), role: .member, passwordHash: hash
            )
            try await station.hub.addCloudMember(member)
            let signIn = try await station.signIn("a@example.com")
            try await station.hub.removeCloudMember("a")
            let answer = try await HTTPProbe(port: station.port, token: signIn.accessToken).get("/api/auth/me")
            expectStatus(answer, 401)
        }
    }

    @Test("A cloud that keeps the members is asked to invite them too, now or when it is there; without one nobody is")
    func invitation() async throws {
        try await LocalAPIFixture.run { station in
            let path = "/api/user-management/members"
            let first = try await station.api.post(path, json: ["email": "bob@example.com", "role": "member"])
            expectStatus(first, 201)
            #expect(station.hub.outboxDepth == 0)
            try await station.hub.claim(with: Secret("a token of the cloud"))
            let second = try await station.api.post(path, json: ["email": "eva@example.com", "role": "admin"])
            expectStatus(second, 201)
            let rows = try await station.hub.outboxRows(after: 0, limit: 10)
            #expect(rows.count == 1)
            let text = rows.map { "\($0)" }.joined()
            #expect(text.contains("station.invite") && text.contains("eva@example.com"))
        }
    }
}
