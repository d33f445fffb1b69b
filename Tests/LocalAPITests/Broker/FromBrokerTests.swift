import StationCore
import StationTestSupport
import Testing

@testable import LocalAPI

@Suite("From where brokers may ask")
struct FromBrokerTests {
    @Test(
        "An address has its networks",
        arguments: [
            ("10.0.0.7", "10.0.0.7", true), ("10.0.0.7", "10.0.0.8", false), ("10.0.0.7", "::ffff:10.0.0.7", true),
            ("::ffff:10.0.0.7", "10.0.0.7", true), ("10.0.0.0/24", "10.0.0.255", true),
            ("10.0.0.0/24", "10.0.1.0", false), ("10.0.0.9/24", "10.0.0.1", true), ("10.0.0.0/8", "10.255.1.1", true),
            ("10.0.0.0/31", "10.0.0.1", true), ("10.0.0.0/31", "10.0.0.2", false), ("10.0.0.7/32", "10.0.0.7", true),
            ("10.0.0.7/32", "10.0.0.6", false), ("0.0.0.0/0", "203.0.113.1", true), ("0.0.0.0/0", "fd00::1", false),
            ("fd00::7", "fd00::7", true), ("fd00::7", "fd00::8", false), ("fd00::/64", "fd00::ffff:1:2:3", true),
            ("fd00::/64", "fd00:0:0:1::1", false), ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe80::1", false),
            ("fd00::/65", "fd00::7fff:0:0:0", true), ("fd00::/65", "fd00::8000:0:0:0", false),
            ("fd00::7/128", "fd00::7", true), ("fd00::7/128", "fd00::6", false), ("::/0", "10.0.0.1", true),
            ("::/0", "fd00::1", true), ("::ffff:10.0.0.0/104", "10.9.9.9", true),
        ])
    func ranges(range: String, address: String, isInside: Bool) throws {
        let range = try #require(AddressRange(range))
        let address = try #require(IPAddress(literal: address))
        #expect(range.contains(address) == isInside)
    }

    @Test(
        "What is no address and no network is none",
        arguments: [
            "", "/", "/24", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/ 8", "10.0.0.0/8/8",
            "10.0.0.0/0x8", "10.0.0/24", "fd00::/129", "fd00::/1000", "fe80::1%eth0", "fe80::%eth0/64", "localhost",
            "broker.local", "*", "10.0.0.0/99999999999999999999",
        ])
    func noRange(text: String) {
        #expect(AddressRange(text) == nil)
    }

    private static func ask(_ path: String, on host: String, _ station: LocalAPIFixture) async throws -> HTTPAnswer {
        try await RawConnection.run(
            host: host, port: station.port,
            sending: "POST \(path) HTTP/1.1\r\nHost: \(host)\r\n\(station.bearer)X-Forwarded-For: 127.0.0.1\r\n"
                + "Forwarded: for=127.0.0.1\r\nContent-Length: 0\r\n\r\n"
        ) { try await $0.answer() }
    }

    /// Checks that somebody was judged at all, for or against.
    private static func expectJudged(_ answer: HTTPAnswer) throws {
        let json = try answer.json
        #expect(json["ok"] != nil || json["result"] != nil, "\(json)")
    }

    @Test(
        "From another machine only a broker may ask that is named, whatever it says of itself",
        .enabled(if: MachineAddress.lan != nil, "the machine has no network"), arguments: [nil, "192.0.2.1", "lan"])
    func peers(allowed: String?) async throws {
        let lan = try #require(MachineAddress.lan)
        let range = try allowed.map { try #require(AddressRange($0 == "lan" ? lan : $0)) }
        try await LocalAPIFixture.run(
            configure: {
                $0.host = "0.0.0.0"
                $0.brokerAddresses = [range].compactMap(\.self)
            }
        ) { station in
            for path in LocalAPIFixture.questionPaths {
                let answer = try await Self.ask(path, on: lan, station)
                if allowed == "lan" {
                    try Self.expectJudged(answer)
                } else {
                    try expectError(answer, 403, "broker_not_allowed")
                }
                try Self.expectJudged(try await Self.ask(path, on: "127.0.0.1", station))
            }
        }
    }

    @Test("A page in a browser on the station cannot ask")
    func pages() async throws {
        try await LocalAPIFixture.run { station in
            let answer = try await station.stranger.send(
                "POST", "/mqtt/user", headers: ["Origin": "http://evil.example", "Content-Type": "text/plain"],
                body: Array("null".utf8)
            )
            try expectError(answer, 403, "origin_not_allowed")
        }
    }
}
