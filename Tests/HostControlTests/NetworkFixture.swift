import HostControl
import StationCore
import StationTestSupport
import Testing

/// Host control with a fake NetworkManager.
final class NetworkFixture: Sendable {
    static let password = "correct horse"
    static let home: JSONValue = ["ssid": "Home", "uuid": "home"]

    let host: HostFixture
    let manager: FakeServiceProcess
    let control: NetworkControl

    private init(_ host: HostFixture, _ manager: FakeServiceProcess) {
        self.host = host
        self.manager = manager
        self.control = host.network()
    }

    /// - Parameter settings: Of the fake; without any, the station is in the network “Home”, and “Casa” is in reach.
    static func run(
        _ settings: JSONObject? = nil, _ body: (NetworkFixture) async throws -> Void
    ) async throws {
        let usual: JSONObject = [
            "profiles": [Self.home], "up": "Home", "heard": [["ssid": "Home"], ["ssid": "Casa"]],
            "air": [["ssid": "Home"], ["ssid": "Casa"]],
        ]
        try await HostFixture.run { host in
            try await FakeServiceProcess.run(.networkManager, on: host.bus, settings: settings ?? usual) { manager in
                try await body(NetworkFixture(host, manager))
            }
        }
    }

    /// As the usual one, with other access points heard and in the air.
    static func run(points: [JSONValue], _ body: (NetworkFixture) async throws -> Void) async throws {
        let all = JSONValue.array([["ssid": "Home"]] + points)
        try await Self.run(["profiles": [Self.home], "up": "Home", "heard": all, "air": all], body)
    }

    // MARK: Asking

    func state() async throws -> NetworkState {
        try await self.host.result { [control] () async throws(HostFault) in try await control.state() }.get()
    }

    func stateFault() async throws -> HostFault? {
        let result = try await self.host.result { [control] () async throws(HostFault) in try await control.state() }
        return Self.fault(result)
    }

    func scan() async throws -> Result<[WiFiNetwork], HostFault> {
        try await self.host.result { [control] () async throws(HostFault) in try await control.scan() }
    }

    func join(
        _ ssid: String, _ password: String = NetworkFixture.password
    ) async throws -> Result<WiFiStatus, HostFault> {
        let wifi = WiFiCredentials(ssid: Array(ssid.utf8), password: Secret(password))
        return try await self.host.result { [control] () async throws(HostFault) in try await control.join(wifi) }
    }

    /// The failure of a join.
    func failure(_ ssid: String, _ password: String = NetworkFixture.password) async throws -> WiFiJoinFailure {
        let fault = Self.fault(try await self.join(ssid, password))
        let failure: WiFiJoinFailure? = if case .notJoined(let failure) = fault { failure } else { nil }
        return try #require(failure, "it ended with \(String(describing: fault))")
    }

    static func fault<Success>(_ result: Result<Success, HostFault>) -> HostFault? {
        if case .failure(let fault) = result { fault } else { nil }
    }

    // MARK: The fake

    /// The UUID of the Wi-Fi connection that is up.
    func up() async throws -> String {
        try await self.manager.state()["up"]?.stringValue ?? ""
    }

    func profiles() async throws -> [JSONValue] {
        try await self.manager.state()["profiles"]?.arrayValue ?? []
    }

    /// The names of the profiles that there are.
    func names() async throws -> [String] {
        try await self.profiles().compactMap { $0["connection"]?["id"]?.stringValue }
    }

    /// The profile of a name that was added last.
    func profile(_ name: String) async throws -> JSONValue {
        try #require(try await self.profiles().last { $0["connection"]?["id"]?.stringValue == name })
    }
}
