import Accounts
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Accounts over HTTP")
struct AccountRouteTests {
    private static let login: JSONValue = [
        "email": .string(LocalAPIFixture.ownerEmail), "password": .string(LocalAPIFixture.password.revealed),
    ]

    private func bearer(_ answer: HTTPAnswer, _ station: LocalAPIFixture) throws -> HTTPProbe {
        HTTPProbe(port: station.port, token: Secret(try #require(try answer.json["accessToken"]?.stringValue)))
    }

    @Test("A station that is set up says so, and lets nobody register unasked")
    func status() async throws {
        try await LocalAPIFixture.run { station in
            let status = try await station.stranger.get("/api/auth/status").json
            #expect(status == ["setupRequired": false, "registration": "invite", "emailVerification": false])
            let account: JSONValue = ["email": "next@example.com", "password": "long enough"]
            try expectError(
                try await station.stranger.post("/api/auth/register", json: account), 403, "registration_closed"
            )
        }
    }

    @Test("Signing in answers in the form of the request: JSON, or OAuth 2 for a form")
    func signInForms() async throws {
        try await LocalAPIFixture.run { station in
            let json = try await station.stranger.post("/api/auth/login", json: Self.login)
            expectStatus(json, 200)
            #expect(json["Cache-Control"] == "no-store")
            let keys = try json.json.objectValue?.members.map(\.key)
            #expect(Set(keys ?? []) == ["user", "accessToken", "refreshToken", "expiresIn"])
            #expect(try json.json["expiresIn"] == 900)
            #expect(try json.json["user", "role"] == "owner")

            let form = try await station.stranger.send(
                "POST", "/api/auth/login", headers: ["Content-Type": "application/x-www-form-urlencoded"],
                body: Array("grant_type=password&username=owner%40example.com&password=correct+horse&scope=".utf8)
            )
            expectStatus(form, 200)
            #expect(try form.json["token_type"] == "bearer")
            let token = Secret(try #require(try form.json["access_token"]?.stringValue))
            expectStatus(try await HTTPProbe(port: station.port, token: token).get("/api/auth/me"), 200)
        }
    }

    @Test(
        "What is no sign-in is refused, and unknown and wrong alike",
        arguments: [
            (#"{"email":"owner@example.com","password":"wrong password"}"#, 401, "invalid_credentials"),
            (#"{"email":"nobody@example.com","password":"correct horse"}"#, 401, "invalid_credentials"),
            (#"{"email":"not an address","password":"correct horse"}"#, 401, "invalid_credentials"),
            (#"{"email":"owner@example.com"}"#, 422, "validation_failed"),
            (#"{"email":1,"password":"correct horse"}"#, 422, "validation_failed"),
            (#"{"email":"owner@example.com","password":"correct horse","x":1}"#, 422, "validation_failed"),
            ("[]", 400, "not_an_object"), ("{", 400, "malformed_json"),
        ])
    func refusedSignIn(body: String, status: Int, code: String) async throws {
        try await LocalAPIFixture.run { station in
            let answer = try await station.stranger.send(
                "POST", "/api/auth/login", headers: ["Content-Type": "application/json"], body: Array(body.utf8)
            )
            try expectError(answer, status, code)
            if status == 401 {
                #expect(answer["WWW-Authenticate"] == "Bearer")
                #expect(try answer.json["message"] == "The e-mail address or the password is wrong.")
            }
        }
    }

    @Test("The eleventh guess is told to wait")
    func throttled() async throws {
        try await LocalAPIFixture.run { station in
            let guess: JSONValue = ["email": "nobody@example.com", "password": "correct horse"]
            for _ in 0..<10 { _ = try await station.stranger.post("/api/auth/login", json: guess) }
            let answer = try await station.stranger.post("/api/auth/login", json: guess)
            try expectError(answer, 429, "too_many_requests")
            let wait = try #require(answer["Retry-After"].flatMap { Int($0) })
            #expect((1...900).contains(wait))
        }
    }

    @Test("A refresh token is renewed in either dialect, and means nothing after signing out")
    func refreshAndSignOut() async throws {
        try await LocalAPIFixture.run { station in
            let first = try #require(station.owner.refreshToken).revealed
            let second = try await station.stranger.post("/api/auth/refresh", json: ["refreshToken": .string(first)])
            expectStatus(second, 200)
            let token = try #require(try second.json["refreshToken"]?.stringValue)
            let third = try await station.stranger.post("/api/auth/refresh", json: ["refresh_token": .string(token)])
            let last = try #require(try third.json["refresh_token"]?.stringValue, "\(third.text)")
            let access = Secret(try #require(try third.json["access_token"]?.stringValue))
            let probe = HTTPProbe(port: station.port, token: access)
            expectStatus(try await probe.get("/api/auth/me"), 200)

            let ended = try await station.stranger.post("/api/auth/logout", json: ["refreshToken": .string(last)])
            #expect(try ended.json == ["success": true])
            try expectError(try await probe.get("/api/auth/me"), 401, "invalid_token")
            try expectError(
                try await station.stranger.post("/api/auth/refresh", json: ["refreshToken": .string(last)]), 401,
                "invalid_token"
            )
        }
    }

    @Test("A new password keeps the session that set it and ends the others")
    func password() async throws {
        try await LocalAPIFixture.run { station in
            let other = try await station.signIn(LocalAPIFixture.ownerEmail)
            try expectError(
                try await station.api.send(
                    "PUT", "/api/auth/password",
                    json: ["currentPassword": "not it at all", "newPassword": "battery staple"]
                ), 403, "wrong_password"
            )
            let changed = try await station.api.send(
                "PUT", "/api/auth/password",
                json: ["currentPassword": "correct horse", "newPassword": "battery staple"]
            )
            expectStatus(changed, 200)
            expectStatus(try await self.bearer(changed, station).get("/api/auth/me"), 200)
            let stale = HTTPProbe(port: station.port, token: other.accessToken)
            try expectError(try await stale.get("/api/auth/me"), 401, "invalid_token")
            expectStatus(try await station.stranger.post("/api/auth/login", json: Self.login), 401)
        }
    }

    @Test("An invitation makes a member, whom admins list, rename, promote and remove")
    func members() async throws {
        try await LocalAPIFixture.run { station in
            let members = "/api/user-management/members"
            let invitation = try await station.api.post(members, json: ["email": "anna@example.com", "role": "member"])
            expectStatus(invitation, 201)
            #expect(try invitation.json["mailed"] == false)
            let token = try #require(try invitation.json["inviteToken"]?.stringValue)
            #expect(try invitation.json["inviteUrl"]?.stringValue?.hasSuffix("/register?invite=\(token)") == true)
            let registered = try await station.stranger.post(
                "/api/auth/register",
                json: [
                    "email": "anna@example.com", "password": "long enough", "username": "Anna",
                    "inviteToken": .string(token),
                ]
            )
            expectStatus(registered, 201)
            let id = try #require(try registered.json["userId"]?.stringValue)
            #expect(try registered.json["user_id"]?.stringValue == id)

            let list = try #require(try await station.api.get(members).json.arrayValue)
            #expect(list.map { $0["role"] } == ["owner", "member"])
            let promoted = try await station.api.patch("\(members)/\(id)", json: ["role": "admin"])
            #expect(try promoted.json["role"] == "admin")
            let renamed = try await station.api.patch("/api/users/\(id)", json: ["name": "Anna Maria"])
            #expect(try renamed.json["name"] == "Anna Maria")
            #expect(!renamed.text.contains("hash") && !renamed.text.contains("$2b$"))

            expectStatus(try await station.api.delete("\(members)/\(id)"), 204)
            try expectError(try await station.api.get("/api/users/\(id)"), 404, "user_not_found")
        }
    }

    @Test("Nobody becomes owner, removes the owner or removes themselves")
    func fixedOwner() async throws {
        try await LocalAPIFixture.run { station in
            let admin = try await station.addUser("admin@example.com", role: .admin)
            let api = HTTPProbe(port: station.port, token: admin.accessToken)
            let owner = station.owner.user.id
            for path in ["/api/users", "/api/user-management/members"] {
                try expectError(try await api.delete("\(path)/\(owner)"), 403, "owner_is_fixed")
                try expectError(
                    try await api.patch("\(path)/\(owner)", json: ["role": "member"]), 403, "owner_is_fixed")
                try expectError(try await api.delete("\(path)/\(admin.user.id)"), 403, "cannot_remove_oneself")
                let crowned = try await api.patch("\(path)/\(admin.user.id)", json: ["role": "owner"])
                try expectError(crowned, 422, "validation_failed")
            }
            #expect(station.hub.user(owner)?.role == .owner)
        }
    }

    @Test(
        "A plain member neither sees nor changes what is for owner and admins",
        arguments: [
            ("GET", "/api/users"), ("PATCH", "/api/station"), ("GET", "/api/settings"), ("PUT", "/api/settings/x"),
            ("GET", "/api/user-management/members"), ("POST", "/api/user-management/members"), ("POST", "/api/devices"),
            ("DELETE", "/api/devices/01890000-0000-7000-8000-000000000001"),
        ])
    func memberIsRefused(method: String, path: String) async throws {
        try await LocalAPIFixture.run { station in
            let member = try await station.addUser("member@example.com", role: .member)
            let api = HTTPProbe(port: station.port, token: member.accessToken)
            try expectError(try await api.send(method, path, json: method == "GET" ? nil : [:]), 403, "forbidden")
        }
    }

    @Test("The station is renamed for good, and settings are kept, shown and bounded")
    func stationAndSettings() async throws {
        try await LocalAPIFixture.run { station in
            #expect(try await station.api.patch("/api/station", json: ["name": "Mill"]).json["name"] == "Mill")
            #expect(try await station.api.get("/api/station").json["owner", "name"] == "Olga")
            let put = try await station.api.send("PUT", "/api/settings/theme", json: ["value": ["dark": true]])
            #expect(try put.json == ["key": "theme", "value": ["dark": true]])
            _ = try await station.api.send("PUT", "/api/settings", json: ["language": "de", "theme": .null])
            #expect(try await station.api.get("/api/settings").json == ["language": "de", "theme": .null])
            try expectError(try await station.api.get("/api/settings/none"), 404, "setting_not_found")
            let dotted = try await station.api.send("PUT", "/api/settings/clock.floor", json: ["value": 1])
            try expectError(dotted, 422, "validation_failed")
            let agent = try await station.api.send("PUT", "/api/settings", json: ["agent": 1])
            try expectError(agent, 422, "validation_failed")
        }
    }

    @Test("The agent token opens no route of people, and an access token none of the agent's")
    func agentToken() async throws {
        try await LocalAPIFixture.run { station in
            try expectError(try await station.agent.get("/api/auth/me"), 401, "invalid_token")
            expectStatus(try await station.agent.get("/api/ota/device-types"), 200)
            try expectError(try await station.api.get("/api/ota/device-types"), 401, "unauthorized")
        }
        try await LocalAPIFixture.run(token: Secret("")) { station in
            for value in ["Bearer ", "Bearer", "", "Bearer x"] {
                let answer = try await station.stranger.get("/api/ota/device-types", headers: ["Authorization": value])
                #expect(answer.status == 401)
            }
        }
    }
}
