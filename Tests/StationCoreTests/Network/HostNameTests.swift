import StationCore
import Testing

@Suite("The name of a host")
struct HostNameTests {
    @Test(
        "tells that it is this machine",
        arguments: ["localhost", "LocalHost", "127.0.0.1", "127.255.0.3", "::1", "0:0:0:0:0:0:0:1", "::0001"])
    func loopback(host: String) {
        #expect(HostName.isLoopback(host))
    }

    @Test(
        "tells that it is another, or nothing for sure",
        arguments: [
            "", "localhost.example", "127.0.0.1.example", "128.0.0.1", "127.0.0", "127.0.0.256", "127.0.0.+1", "::",
            "::2", "::11", "1::1", "fe80::1", "::1%eth0", "0.0.0.0", "１２７.0.0.1",
        ])
    func other(host: String) {
        #expect(!HostName.isLoopback(host))
    }
}
