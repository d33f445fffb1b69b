import MQTTTransport
import Testing

@Suite("A broker address")
struct MQTTEndpointTests {
    @Test(
        "is read from its URL",
        arguments: [
            ("mqtt://127.0.0.1", "127.0.0.1", 1883, false),
            ("mqtt://station.local:1884", "station.local", 1884, false),
            ("MQTT://station.local/", "station.local", 1883, false),
            ("mqtts://broker.example", "broker.example", 8883, true),
            ("mqtts://[fe80::1%eth0]:65535", "fe80::1%eth0", 65535, true),
            ("mqtt://[::1]", "::1", 1883, false),
        ] as [(String, String, UInt16, Bool)]
    )
    func valid(url: String, host: String, port: UInt16, useTLS: Bool) throws {
        let endpoint = try MQTTEndpoint(url: url, caFile: "/ca.pem")
        #expect(endpoint == MQTTEndpoint(host: host, port: port, useTLS: useTLS, caFile: "/ca.pem"))
        #expect(try MQTTEndpoint(url: endpoint.description, caFile: "/ca.pem") == endpoint)
    }

    @Test(
        "names what is allowed when the text is something else",
        arguments: [
            "", "station.local", "http://station.local", "mqtt://", "mqtt:///", "mqtt://:1883", "mqtt://host:0",
            "mqtt://host:65536", "mqtt://host:+1", "mqtt://host:", "mqtt://a b", "mqtt://host/path", "mqtt://[::1",
            "mqtt://::1", "mqtt://[::1]1883", "mqtt://hö.st",
        ]
    )
    func invalid(url: String) {
        let error = #expect(throws: MQTTEndpoint.InvalidURL.self) { try MQTTEndpoint(url: url) }
        #expect(error?.description.contains("mqtt://host[:port] or mqtts://host[:port]") == true)
    }

    @Test(
        "does not repeat a password that somebody put into the URL",
        arguments: ["mqtt://u:geheim@h", "ws://u:geheim@h"])
    func password(url: String) {
        let error = #expect(throws: MQTTEndpoint.InvalidURL.self) { try MQTTEndpoint(url: url) }
        #expect(error?.description.contains("geheim") == false)
    }

    @Test(
        "knows whether it is on this machine",
        arguments: [
            ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("LocalHost", true), ("192.168.1.2", false),
            ("::2", false), ("localhost.example", false), ("127.0.0.1.example", false),
        ]
    )
    func loopback(host: String, isLoopback: Bool) {
        #expect(MQTTEndpoint(host: host, port: 1883).isLoopback == isLoopback)
    }
}
