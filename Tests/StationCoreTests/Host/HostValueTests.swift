import StationCore
import Testing

@Suite("What is known of the host")
struct HostValueTests {
    typealias Condition = HostThrottling.Condition

    @Test(
        "The firmware's word is four bits for now and four for since the start; others mean nothing",
        arguments: [
            (0, [], []), (0x1, [.underVoltage], []), (0x2, [.frequencyCapped], []), (0x4, [.throttled], []),
            (0x8, [.softTemperatureLimit], []), (0x10000, [], [.underVoltage]),
            (0x50005, [.underVoltage, .throttled], [.underVoltage, .throttled]),
            (0xF000F, Condition.allCases, Condition.allCases), (0xFFF0_FFF0, [], []),
        ] as [(UInt32, [Condition], [Condition])])
    func throttling(flags: UInt32, now: [Condition], sinceStart: [Condition]) {
        let throttling = HostThrottling(flags: flags)
        #expect(throttling.now == now)
        #expect(throttling.sinceStart == sinceStart)
    }

    @Test("A signal is a percentage, whatever is said", arguments: [(-1, 0), (0, 0), (55, 55), (100, 100), (255, 100)])
    func signal(given: Int, signal: Int) {
        #expect(WiFiNetwork(ssid: [0xFF], signal: given, frequency: nil, security: .open).signal == signal)
    }

    @Test("A password, or none, opens networks that are open or have one password for all")
    func security() {
        #expect(WiFiSecurity.allCases.filter(\.takesPassword) == [.open, .wpa, .wpa3])
    }

    @Test("What a service said in its own words is apart from what people are told")
    func faults() {
        let words = "org.freedesktop.DBus.Error.AccessDenied"
        let joining = WiFiJoinFailure(.other, rollback: .failed, detail: words)
        for fault in [
            HostFault.unavailable(.networkManager, words), .refused(.logind, words), .failed(.logind, words),
            .notJoined(joining),
        ] {
            #expect(!fault.description.contains(words) && fault.detail == words)
        }
        for fault in [HostFault.timedOut(.logind), .noWiFi, .radioBlocked, .busy] {
            #expect(fault.detail == nil && fault.description.hasSuffix("."))
        }
    }

    @Test("A join that failed tells what became of the earlier connection")
    func rollback() {
        for reason in WiFiJoinFailure.Reason.allCases {
            let texts = WiFiJoinFailure.Rollback.allCases.map { WiFiJoinFailure(reason, rollback: $0).description }
            #expect(Set(texts).count == WiFiJoinFailure.Rollback.allCases.count)
        }
    }

    @Test("Where nobody can be asked, everything says so and nothing is known")
    func nobody() async {
        await #expect(throws: HostFault.self) { try await NoNetwork().state() }
        await #expect(throws: HostFault.self) { try await NoNetwork().scan() }
        await #expect(throws: HostFault.self) { try await NoHost().demandReboot() }
        await #expect(throws: HostFault.self) { try await NoHost().reboot() }
        #expect(await NoHost().info() == HostInfo())
    }
}
