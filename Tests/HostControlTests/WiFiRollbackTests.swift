import HostControl
import StationCore
import StationTestSupport
import Testing

// One after the other: each has a bus and a program of its own.
@Suite("A join that fails", .serialized)
struct WiFiRollbackTests {
    typealias Fixture = NetworkFixture

    /// What is there afterwards is what was there before.
    private static func expectUntouched(_ fixture: Fixture) async throws {
        #expect(try await fixture.names() == ["Home"])
        #expect(try await fixture.up() == "home")
    }

    @Test(
        "says why, and the earlier connection is up again",
        arguments: [
            ("reason:7", WiFiJoinFailure.Reason.wrongPassword), ("reason:8", .wrongPassword),
            ("reason:9", .wrongPassword), ("reason:11", .wrongPassword), ("reason:53", .networkNotFound),
            ("reason:5", .noAddress), ("reason:15", .noAddress), ("reason:17", .noAddress), ("reason:35", .other),
            ("no-address", .noAddress), ("link-local", .noAddress), ("stuck", .other),
        ])
    func reasons(how: String, reason: WiFiJoinFailure.Reason) async throws {
        try await Fixture.run(points: [["ssid": "Casa", "join": .string(how)]]) { fixture in
            let failure = try await fixture.failure("Casa")
            #expect(failure.reason == reason)
            #expect(failure.rollback == .restored)
            try await Self.expectUntouched(fixture)
        }
    }

    @Test("for a wrong password says so")
    func wrongPassword() async throws {
        try await Fixture.run { fixture in
            let failure = try await fixture.failure("Casa", "wrong wrong")
            #expect(failure.reason == .wrongPassword)
            #expect(failure.rollback == .restored)
            #expect(!"\(failure) \(failure.detail ?? "")".contains("wrong wrong"))
            #expect(!fixture.host.logged.contains("wrong wrong"))
            try await Self.expectUntouched(fixture)
        }
    }

    @Test("for want of the network says so")
    func notFound() async throws {
        try await Fixture.run { fixture in
            let failure = try await fixture.failure("Nowhere")
            #expect(failure.reason == .networkNotFound)
            #expect(failure.rollback == .restored)
            try await Self.expectUntouched(fixture)
        }
    }

    @Test("for want of an address has waited for 30 seconds, not much longer")
    func patience() async throws {
        try await Fixture.run(points: [["ssid": "Casa", "join": "no-address"]]) { fixture in
            let begin = fixture.host.clock.now
            let failure = try await fixture.failure("Casa")
            #expect(failure.reason == .noAddress)
            let time = begin.duration(to: fixture.host.clock.now)
            #expect(time >= HostLimits.joinTime)
            #expect(time < .seconds(60))
        }
    }

    @Test(
        "before it begins touches nothing",
        arguments: [
            ("enterprise", Fixture.password, WiFiJoinFailure.Reason.unsupportedSecurity),
            ("wep", Fixture.password, .unsupportedSecurity), ("wpa", "", .wrongPassword),
            ("open", Fixture.password, .wrongPassword),
        ])
    func notBegun(security: String, password: String, reason: WiFiJoinFailure.Reason) async throws {
        try await Fixture.run(points: [["ssid": "Casa", "security": .string(security)]]) { fixture in
            let failure = try await fixture.failure("Casa", password)
            #expect(failure.reason == reason)
            #expect(failure.rollback == .notNeeded)
            #expect(try await fixture.manager.calls("AddAndActivateConnection2").isEmpty)
            try await Self.expectUntouched(fixture)
        }
    }

    @Test("and that NetworkManager refuses touches nothing")
    func refused() async throws {
        try await Fixture.run { fixture in
            let name = "org.freedesktop.NetworkManager.Settings.Connection.InvalidProperty"
            let text = "802-11-wireless-security.psk: property is invalid"
            try await fixture.manager.tell([
                "fail": ["AddAndActivateConnection2": [[.string(name), .string(text)]]]
            ])
            let failure = try await fixture.failure("Casa")
            #expect(failure.reason == .wrongPassword)
            #expect(failure.rollback == .notNeeded)
            #expect(failure.detail == "\(name): \(text)")
            try await Self.expectUntouched(fixture)
        }
    }

    @Test("leaves nothing behind where nothing was before")
    func noFormer() async throws {
        try await Fixture.run(["heard": [["ssid": "Casa"]]]) { fixture in
            let failure = try await fixture.failure("Casa", "wrong wrong")
            #expect(failure.rollback == .notNeeded)
            try await fixture.host.wait("nothing is left") { try await fixture.names().isEmpty }
        }
    }

    @Test("does not disturb a NetworkManager that brings the earlier connection up by itself")
    func automatic() async throws {
        try await Fixture.run { fixture in
            try await fixture.manager.tell(["autoconnect": true])
            #expect(try await fixture.failure("Casa", "wrong wrong").rollback == .restored)
            try await Self.expectUntouched(fixture)
        }
    }

    @Test("says so when the earlier connection does not come up either")
    func rollbackFails() async throws {
        try await Fixture.run { fixture in
            let refusals = JSONValue.array((0..<200).map { _ in ["org.freedesktop.NetworkManager.Failed", "no"] })
            try await fixture.manager.tell(["fail": ["ActivateConnection": refusals]])
            let failure = try await fixture.failure("Casa", "wrong wrong")
            #expect(failure.reason == .wrongPassword)
            #expect(failure.rollback == .failed)
            #expect(try await fixture.names() == ["Home"])
        }
    }

    @Test("because NetworkManager restarts leaves nothing behind")
    func restart() async throws {
        try await Fixture.run(points: [["ssid": "Casa", "join": "no-address"]]) { fixture in
            let control = fixture.control
            let wifi = WiFiCredentials(ssid: Array("Casa".utf8), password: Secret(Fixture.password))
            let outcome = Locked<WiFiJoinFailure?>(nil)
            let join = Task { await Self.note(wifi, control, outcome) }
            try await fixture.host.wait("it is on its way") { try await fixture.names().count == 2 }
            try await fixture.manager.tell(["running": false])
            try await fixture.manager.tell(["running": true])
            try await fixture.host.wait("the join ends", step: .milliseconds(10)) { outcome.withLock { $0 != nil } }
            await join.value
            #expect(outcome.withLock { $0?.rollback } == .restored)
            try await Self.expectUntouched(fixture)
        }
    }

    private static func note(
        _ wifi: WiFiCredentials, _ control: NetworkControl, _ outcome: Locked<WiFiJoinFailure?>
    ) async {
        do throws(HostFault) {
            _ = try await control.join(wifi)
        } catch {
            if case .notJoined(let failure) = error { outcome.withLock { $0 = failure } }
        }
    }

    @Test("because no answer comes is undone, too")
    func silent() async throws {
        try await Fixture.run { fixture in
            try await fixture.manager.tell(["silent": ["AddAndActivateConnection2"]])
            let failure = try await fixture.failure("Casa")
            #expect(failure.reason == .other)
            #expect(failure.rollback == .restored)
            try await Self.expectUntouched(fixture)
        }
    }
}
