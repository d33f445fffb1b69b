import StationCore
import StationData
import StationTestSupport
import Testing

@testable import LocalAPI

@Suite("Adding new devices")
struct ProvisioningRouteTests {
    private static let add = "/api/provisioning/add"
    private static let wifi: JSONValue = ["ssid": "Home", "password": "password1"]
    private static let home = WiFiCredentials(ssid: Array("Home".utf8), password: Secret("password1"))

    private static func post(
        _ body: JSONObject, to path: String = Self.add, of station: LocalAPIFixture
    ) async throws -> HTTPAnswer {
        try await station.api.post(path, json: .object(body))
    }

    private static func body(_ more: JSONObject = [:], name: String = "lamp-1") -> JSONObject {
        var body: JSONObject = ["externalId": .string(name), "wifi": Self.wifi]
        for member in more.members { body[member.key] = member.value }
        return body
    }

    @Test("A new device in sight is added with what was said", arguments: [Self.add, "/provisioning/add"])
    func adding(path: String) async throws {
        let provisioning = ScriptedProvisioning([try ScriptedProvisioning.lamp()])
        try await LocalAPIFixture.run(provisioning: provisioning) { station in
            let zone = try await station.hub.addZone(name: "Kitchen")
            let body = Self.body([
                "name": "Lamp", "zoneId": .string(zone.id.description), "proofOfPossession": "abcd1234",
            ])
            let answer = try await Self.post(body, to: path, of: station)
            expectStatus(answer, 202)
            let json = try answer.json
            #expect(json["externalId"] == "lamp-1")
            #expect(json["deviceId"]?.stringValue.flatMap { DeviceID($0) } != nil)
            let request = try #require(provisioning.requests.first)
            #expect(request.externalID.description == "lamp-1" && request.name == "Lamp")
            #expect(request.zoneID == zone.id && request.placeID == station.hub.defaultPlaceID)
            #expect(request.wifi == Self.home && request.proofOfPossession == Secret("abcd1234"))
            #expect(!station.log.text.contains("password1") && !station.log.text.contains("abcd1234"))
        }
    }

    @Test("Owner and admins may, nobody else")
    func roles() async throws {
        let provisioning = ScriptedProvisioning([try ScriptedProvisioning.lamp()])
        try await LocalAPIFixture.run(provisioning: provisioning) { station in
            let member = try await station.person(.member)
            let paths = [Self.add, "/provisioning/add", "/api/provisioning/add-many", "/api/provisioning/identify"]
            for path in paths {
                try expectError(try await member.post(path, json: .object(Self.body())), 403, "forbidden")
                try expectError(try await station.stranger.post(path), 401, "unauthorized")
                try expectError(try await station.agent.post(path), 401, "invalid_token")
            }
            #expect(provisioning.requests.isEmpty)
            let admin = try await station.person(.admin)
            expectStatus(try await admin.post(Self.add, json: .object(Self.body())), 202)
        }
    }

    @Test("A location is the room of that name, made when there is none; a known device needs none")
    func location() async throws {
        let names = ["lamp-1", "lamp-2", "lamp-3", "lamp-4"]
        let provisioning = ScriptedProvisioning(try names.map { try ScriptedProvisioning.lamp($0) })
        try await LocalAPIFixture.run(provisioning: provisioning) { station in
            let kitchen = try await station.hub.addZone(name: "Kitchen")
            _ = try await station.hub.addDevice(NewDevice(name: "Mine", externalID: ExternalID("lamp-4")))
            for (name, location) in zip(names, [" kitchen ", "Bath", "bath", "Cellar"]) {
                let answer = try await Self.post(Self.body(["location": .string(location)], name: name), of: station)
                expectStatus(answer, 202)
            }
            let zones = try await station.hub.zones()
            #expect(zones.map(\.name) == ["Kitchen", "Bath"])
            #expect(provisioning.requests.map(\.zoneID) == [kitchen.id, zones.last?.id, zones.last?.id, nil])
        }
    }

    @Test("A device that is not in sight is not found, and no room is made for it")
    func notPresent() async throws {
        let provisioning = ScriptedProvisioning([try ScriptedProvisioning.lamp()])
        try await LocalAPIFixture.run(provisioning: provisioning) { station in
            let answer = try await Self.post(Self.body(["location": "Bath"], name: "other"), of: station)
            try expectError(answer, 404, "candidate_not_found")
            let zones = try await station.hub.zones()
            #expect(zones.isEmpty)
            let bare = try await Self.post(["externalId": "other"], of: station)
            try expectError(bare, 404, "candidate_not_found")
            provisioning.refuse(.notPresent(try ScriptedProvisioning.lamp().externalID))
            try expectError(try await Self.post(Self.body(), of: station), 404, "candidate_not_found")
        }
    }

    @Test("A device that is being added already is a conflict")
    func underWay() async throws {
        let provisioning = ScriptedProvisioning([try ScriptedProvisioning.lamp()])
        try await LocalAPIFixture.run(provisioning: provisioning) { station in
            expectStatus(try await Self.post(Self.body(), of: station), 202)
            try expectError(try await Self.post(Self.body(), of: station), 409, "provisioning_under_way")
        }
    }

    @Test(
        "While Bluetooth is not ready, its state is told",
        arguments: ProvisioningAdapter.allCases.filter { $0 != .ready })
    func adapter(state: ProvisioningAdapter) async throws {
        let provisioning = ScriptedProvisioning()
        provisioning.turn(state)
        try await LocalAPIFixture.run(provisioning: provisioning) { station in
            let code = "adapter_\(state.rawValue)"
            try expectError(try await Self.post(Self.body(), of: station), 503, code)
            let many: JSONObject = ["devices": [["externalId": "lamp-1"]], "wifi": Self.wifi]
            try expectError(try await Self.post(many, to: "/api/provisioning/add-many", of: station), 503, code)
            let identify: JSONObject = ["externalId": "lamp-1"]
            try expectError(try await Self.post(identify, to: "/api/provisioning/identify", of: station), 503, code)
            #expect(provisioning.requests.isEmpty && provisioning.identified.isEmpty)
        }
    }

    @Test("A station without Bluetooth says so")
    func noBluetooth() async throws {
        try await LocalAPIFixture.run { station in
            try expectError(try await Self.post(Self.body(), of: station), 503, "adapter_no_bluetoothd")
            // It is told of that rather than of the Wi-Fi, which is not known either.
            let answer = try await Self.post(["externalId": "lamp-1"], of: station)
            try expectError(answer, 503, "adapter_no_bluetoothd")
        }
    }

    @Test("What the store or the radio refuses on the way is told as what it is")
    func refusedOnTheWay() async throws {
        let provisioning = ScriptedProvisioning([try ScriptedProvisioning.lamp()])
        try await LocalAPIFixture.run(provisioning: provisioning) { station in
            let refusals: [(ProvisioningRefusal, Int, String)] = [
                (.store(StoreError.unavailable("disk")), 503, "store_unavailable"),
                (.store(StoreError.invalid(field: "name", message: "No.")), 422, "validation_failed"),
                (.store(StoreError.conflict(field: "name", value: "", message: "Too many.")), 409, "conflict"),
                (.unavailable(.absent), 503, "adapter_absent"),
            ]
            for (refusal, status, code) in refusals {
                provisioning.refuse(refusal)
                try expectError(try await Self.post(Self.body(), of: station), status, code)
            }
        }
    }

    // MARK: Wi-Fi

    @Test("Without any Wi-Fi nothing is added; the one that was put goes before that of the configuration")
    func storedWiFi() async throws {
        let names = ["lamp-1", "lamp-2", "lamp-3"]
        let provisioning = ScriptedProvisioning(try names.map { try ScriptedProvisioning.lamp($0) })
        let configured = Locked<WiFiCredentials?>(nil)
        try await LocalAPIFixture.run(
            provisioning: provisioning, configure: { $0.wifi = { configured.value } }
        ) { station in
            let answer = try await Self.post(["externalId": "lamp-1"], of: station)
            try expectError(answer, 400, "no_wifi_credentials")
            let first = WiFiCredentials(ssid: [0xFF], password: Secret(""))
            configured.withLock { $0 = first }
            expectStatus(try await Self.post(["externalId": "lamp-1", "wifi": .null], of: station), 202)
            try await station.hub.keepWiFi(Self.home)
            expectStatus(try await Self.post(["externalId": "lamp-2"], of: station), 202)
            let other = Self.body(["wifi": ["ssid": "Other", "password": ""]], name: "lamp-3")
            expectStatus(try await Self.post(other, of: station), 202)
            let third = WiFiCredentials(ssid: Array("Other".utf8), password: Secret(""))
            #expect(provisioning.requests.map(\.wifi) == [first, Self.home, third])
        }
    }

    @Test(
        "Credentials that no network has are refused, and not repeated",
        arguments: [
            ("", "password1"), (String(repeating: "ü", count: 17), "password1"), ("Home", "short"),
            ("Home", String(repeating: "x", count: 64)), ("Home", String(repeating: "0", count: 65)),
        ]
    )
    func invalidWiFi(ssid: String, password: String) async throws {
        let provisioning = ScriptedProvisioning([try ScriptedProvisioning.lamp()])
        try await LocalAPIFixture.run(provisioning: provisioning) { station in
            let wifi: JSONValue = ["ssid": .string(ssid), "password": .string(password)]
            let answer = try await Self.post(Self.body(["wifi": wifi]), of: station)
            try expectError(answer, 400, "invalid_wifi_credentials")
            #expect(!answer.text.contains(password) && !station.log.text.contains(password))
            #expect(provisioning.requests.isEmpty)
        }
    }

    @Test("A name of 32 bytes and a key of 64 digits go through as they are")
    func longestWiFi() async throws {
        let provisioning = ScriptedProvisioning([try ScriptedProvisioning.lamp()])
        try await LocalAPIFixture.run(provisioning: provisioning) { station in
            let ssid = String(repeating: "ü", count: 16)
            let key = String(repeating: "aB", count: 32)
            let answer = try await Self.post(
                Self.body(["wifi": ["ssid": .string(ssid), "password": .string(key)]]), of: station)
            expectStatus(answer, 202)
            #expect(provisioning.requests.first?.wifi.ssid.count == 32)
            #expect(provisioning.requests.first?.wifi.password == Secret(key))
        }
    }

    // MARK: Bodies

    @Test("Every fault of a body is named")
    func faultyBody() async throws {
        let provisioning = ScriptedProvisioning([try ScriptedProvisioning.lamp()])
        try await LocalAPIFixture.run(provisioning: provisioning) { station in
            let cases: [(JSONObject, [String])] = [
                ([:], ["body.externalId missing"]),
                (
                    ["externalId": "a/b", "name": " ", "extra": 1],
                    [
                        "body.externalId value_error", "body.name value_error", "body.extra extra_forbidden",
                    ]
                ),
                (Self.body(["zoneId": "x"]), ["body.zoneId type_error"]),
                (
                    Self.body(["zoneId": "01890000-0000-7000-8000-000000000009"]), ["body.zoneId value_error"]
                ),
                (
                    Self.body(["zoneId": "01890000-0000-7000-8000-000000000009", "location": "Bath"]),
                    ["body.location value_error"]
                ),
                (Self.body(["proofOfPossession": ""]), ["body.proofOfPossession value_error"]),
                (Self.body(["wifi": "Home"]), ["body.wifi type_error"]),
                (Self.body(["wifi": ["ssid": "Home"]]), ["body.password missing"]),
            ]
            for (body, expected) in cases {
                let answer = try await Self.post(body, of: station)
                try expectError(answer, 422, "validation_failed")
                #expect(try faults(answer) == expected)
            }
            #expect(provisioning.requests.isEmpty)
        }
    }

    // MARK: Many, and showing themselves

    @Test("Several devices are added with one request, and one that cannot be keeps the others from nothing")
    func many() async throws {
        let names = ["lamp-1", "lamp-2"]
        let provisioning = ScriptedProvisioning(try names.map { try ScriptedProvisioning.lamp($0) })
        try await LocalAPIFixture.run(provisioning: provisioning) { station in
            let body: JSONObject = [
                "devices": [
                    ["externalId": "lamp-1", "name": "One", "location": "Bath"], ["externalId": "nobody"],
                    ["externalId": "lamp-2"], ["externalId": "lamp-2"],
                ],
                "wifi": Self.wifi,
            ]
            let answer = try await Self.post(body, to: "/api/provisioning/add-many", of: station)
            expectStatus(answer, 202)
            let devices = try #require(try answer.json["devices"]?.arrayValue)
            #expect(devices.map { $0["externalId"] } == ["lamp-1", "nobody", "lamp-2", "lamp-2"])
            #expect(devices.map { $0["deviceId"] != nil } == [true, false, true, false])
            let codes = devices.map { $0["error", "code"]?.stringValue }
            #expect(codes == [nil, "candidate_not_found", nil, "provisioning_under_way"])
            #expect(provisioning.requests.first?.name == "One")
        }
    }

    @Test("A list with a fault in it adds nothing")
    func faultyList() async throws {
        let provisioning = ScriptedProvisioning([try ScriptedProvisioning.lamp()])
        try await LocalAPIFixture.run(provisioning: provisioning) { station in
            let tooMany = Array(repeating: JSONValue.object(["externalId": "lamp-1"]), count: 101)
            let cases: [(JSONValue, [String])] = [
                ([], ["body.devices value_error"]), ("x", ["body.devices value_error"]),
                (.array(tooMany), ["body.devices value_error"]),
                ([["externalId": "lamp-1"], "x"], ["body.devices[1] type_error"]),
                (
                    [["externalId": "lamp-1"], ["externalId": "/", "wifi": .null]],
                    ["body.devices[1].externalId value_error", "body.devices[1].wifi extra_forbidden"]
                ),
            ]
            for (devices, expected) in cases {
                let body: JSONObject = ["devices": devices, "wifi": Self.wifi]
                let answer = try await Self.post(body, to: "/api/provisioning/add-many", of: station)
                try expectError(answer, 422, "validation_failed")
                #expect(try faults(answer) == expected)
            }
            let answer = try await Self.post(
                ["devices": [["externalId": "lamp-1"]]], to: "/api/provisioning/add-many", of: station)
            try expectError(answer, 400, "no_wifi_credentials")
            #expect(provisioning.requests.isEmpty)
        }
    }

    @Test("A new device is told to show itself, and why it does not is told")
    func identify() async throws {
        let provisioning = ScriptedProvisioning([try ScriptedProvisioning.lamp()])
        let path = "/api/provisioning/identify"
        try await LocalAPIFixture.run(provisioning: provisioning) { station in
            let answer = try await Self.post(["externalId": "lamp-1"], to: path, of: station)
            expectStatus(answer, 200)
            #expect(try answer.json == ["externalId": "lamp-1"])
            #expect(provisioning.identified.map(\.description) == ["lamp-1"])
            let id = try ScriptedProvisioning.lamp().externalID
            let failure = ProvisioningFailure(code: "link_lost", message: "It went away.", detail: "org.bluez.Error")
            let refusals: [(ProvisioningRefusal, Int, String)] = [
                (.notPresent(id), 404, "candidate_not_found"), (.underWay(id), 409, "provisioning_under_way"),
                (.cannotIdentify(id), 409, "cannot_identify"), (.failed(failure), 502, "link_lost"),
            ]
            for (refusal, status, code) in refusals {
                provisioning.refuse(refusal)
                let answer = try await Self.post(["externalId": "lamp-1"], to: path, of: station)
                try expectError(answer, status, code)
            }
            try expectError(try await Self.post([:], to: path, of: station), 422, "validation_failed")
        }
    }
}
