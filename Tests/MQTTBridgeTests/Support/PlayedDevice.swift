import MQTTTransport
import StationCore
import StationTestSupport

/// A device as its firmware behaves on the broker, played by hand.
struct PlayedDevice: Sendable {
    static let handshake = #"{"type":"climate","firmwareVersion":"0.1.32","chip":"esp32","kit_tag":"k-1"}"#
    static let offline = #"{"status":"offline"}"#
    static let online = #"{"status":"online"}"#

    let client: BrokerClient
    /// The station id that the device believes in.
    let scope: String
    let name: String

    func topic(_ suffix: String) -> String {
        "station/\(self.scope)/device/\(self.name)/\(suffix)"
    }

    /// What the station answered to its handshakes.
    var answers: [String] { self.client.texts(on: self.topic("handshake/ack")) }

    /// The commands that came.
    var commands: [String] { self.client.texts(on: self.topic("command")) }

    /// The same device after somebody told it another station id.
    func moved(to scope: String) -> PlayedDevice {
        PlayedDevice(client: self.client, scope: scope, name: self.name)
    }

    /// A state with a date of its own: of two readings of the same millisecond only the later is kept.
    static func dated(_ state: String, _ seconds: Int, after begin: Timestamp) -> String {
        #"{"state":\#(state),"timestamp":"\#(begin.adding(.seconds(seconds)))"}"#
    }

    func message(_ suffix: String, _ json: String, retain: Bool = false) -> MQTTMessage {
        MQTTMessage(topic: self.topic(suffix), text: json, retain: retain)
    }

    func say(_ suffix: String, _ json: String, retain: Bool = false) async throws {
        try await self.client.connection.publish(self.message(suffix, json, retain: retain))
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
