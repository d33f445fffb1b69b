import StationCore
import StationTestSupport

/// A device as its firmware behaves on the broker, played by hand.
struct PlayedDevice: Sendable {
    static let handshake = #"{"type":"climate","firmwareVersion":"0.1.32","chip":"esp32","kit_tag":"k-1"}"#

    let client: BrokerClient
    let name: String

    func topic(_ suffix: String) -> String {
        "station/s-1/device/\(self.name)/\(suffix)"
    }

    /// What the station answered to its handshakes.
    var answers: [String] { self.client.texts(on: self.topic("handshake/ack")) }

    /// The commands that came, in their order.
    var commands: [JSONValue] {
        get throws { try self.client.texts(on: self.topic("command")).map { try JSONValue.parse($0) } }
    }

    func say(_ suffix: String, _ json: String) async throws {
        try await self.client.publish(self.topic(suffix), json)
    }

    /// Reports one number.
    func report(_ key: String, _ value: Int) async throws {
        try await self.say("state", #"{"state":{"\#(key)":\#(value)}}"#)
    }

    /// Shakes hands and waits for the answer.
    @discardableResult
    func shakeHands(_ json: String = Self.handshake) async throws -> String {
        let before = self.answers.count
        try await self.say("handshake", json)
        try await eventually("\(self.name) gets an answer to its handshake") { self.answers.count > before }
        return self.answers[before]
    }
}
