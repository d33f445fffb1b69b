import Testing

@testable import LocalAPI

@Suite("Addresses of peers")
struct IPAddressTests {
    @Test("Both notations of an IPv4 address are equal", arguments: ["192.168.1.7", "127.0.0.1", "255.255.255.255"])
    func mapped(text: String) throws {
        let address = try #require(IPAddress(literal: text))
        #expect(address == IPAddress(literal: "::ffff:\(text)"))
    }

    @Test(
        "What is of this machine is told from what is not",
        arguments: [
            ("127.0.0.1", true), ("127.255.0.9", true), ("::1", true), ("::ffff:127.0.0.1", true), ("128.0.0.1", false),
            ("::", false), ("0.0.0.0", false), ("fe80::1", false), ("::ffff:10.0.0.1", false), ("7f00::1", false),
        ])
    func loopback(text: String, isLoopback: Bool) throws {
        #expect(try #require(IPAddress(literal: text)).isLoopback == isLoopback)
    }

    @Test(
        "What is no address is none",
        arguments: ["", "localhost", "127.1", "2130706433", "0x7f.0.0.1", "1.2.3.4.5", ":"])
    func none(text: String) {
        #expect(IPAddress(literal: text) == nil)
    }

    @Test(
        "Elsewhere an IPv6 network is one peer, in the station's own network every machine is",
        arguments: [
            ("2001:db8:1:2::1", "2001:db8:1:2::9", "fd00::2", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", "fd00::2", false),
            ("fd00::1", "fd00::9", "fd00::2", false), ("fe80::1", "fe80::9", "fe80::2", false),
            ("10.0.0.1", "10.0.0.9", "fd00::2", false), ("10.0.0.1", "::ffff:10.0.0.1", "10.0.0.2", true),
            ("2001:db8:1:2::1", "2001:db8:1:2::1", "2001:db8:1:2::5", true),
        ])
    func peers(one: String, other: String, own: String, isSame: Bool) throws {
        let own = IPAddress(literal: own)
        let peers = try [one, other].map { try #require(IPAddress(literal: $0)).peer(seenFrom: own) }
        #expect((peers[0] == peers[1]) == isSame)
    }
}
