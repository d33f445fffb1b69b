import Foundation
import MQTTTransport
import PollLoop
import StationCore
import StationTestSupport
import Testing

@Suite("Opening a connection")
struct MQTTOpeningTests {
    @Test("is refused, not timed out, where nobody listens", arguments: [false, true])
    func refused(useTLS: Bool) async throws {
        try await withLoop { loop in
            let endpoint = MQTTEndpoint(host: "127.0.0.1", port: 1, useTLS: useTLS)
            let options = MQTTConnectionOptions(clientID: "a", connectDeadline: .seconds(20))
            let error = await mqttError {
                _ = try await MQTTConnection.open(on: loop, to: endpoint, options: options) { _ in }
            }
            #expect(error == .refused(endpoint: endpoint.description))
            #expect(error?.isConnectionRefused == true && error?.isRetriable == true)
        }
    }

    @Test("finds a broker that listens on one address family of its name only")
    func fallbackToOtherFamily() async throws {
        try await BrokerProcess.run { broker in
            try await withLoop { loop in
                let endpoint = MQTTEndpoint(host: "localhost", port: UInt16(broker.port))
                let connection = try await MQTTConnection.open(
                    on: loop, to: endpoint, options: MQTTConnectionOptions(clientID: "a")
                ) { _ in }
                #expect(await connection.isOpen)
            }
        }
    }

    @Test("says so when the name does not exist")
    func unknownName() async throws {
        try await withLoop { loop in
            let endpoint = MQTTEndpoint(host: "no-such-host.invalid", port: 1883)
            // A resolver without network needs its time.
            let options = MQTTConnectionOptions(clientID: "a", connectDeadline: .seconds(60))
            let error = await mqttError {
                _ = try await MQTTConnection.open(on: loop, to: endpoint, options: options) { _ in }
            }
            guard case .unreachable(_, let detail) = error else {
                Issue.record("not unreachable: \(String(describing: error))")
                return
            }
            #expect(detail.contains("no-such-host.invalid"))
        }
    }

    @Test("gives up at the deadline when the peer accepts and says nothing", arguments: [false, true])
    func silentPeer(useTLS: Bool) async throws {
        try await FakePeer.run(.silent) { peer in
            try await withLoop { loop in
                let start = ContinuousClock.now
                let endpoint = MQTTEndpoint(host: "127.0.0.1", port: UInt16(peer.port), useTLS: useTLS)
                let options = MQTTConnectionOptions(clientID: "a", connectDeadline: .milliseconds(1_500))
                let error = await mqttError {
                    _ = try await MQTTConnection.open(on: loop, to: endpoint, options: options) { _ in }
                }
                guard case .timedOut = error else {
                    Issue.record("not timed out: \(String(describing: error))")
                    return
                }
                #expect(ContinuousClock.now - start >= .milliseconds(1_500))
                try await eventually("the socket is closed") { peer.openConnections == 0 }
            }
        }
    }

    @Test("ends when the peer hangs up before it answered", arguments: [false, true])
    func hangUp(useTLS: Bool) async throws {
        for behaviour in [FakePeer.Behaviour.hangsUp, .hangsUpAfterFirstBytes, .resets] {
            try await FakePeer.run(behaviour) { peer in
                try await withLoop { loop in
                    let endpoint = MQTTEndpoint(host: "127.0.0.1", port: UInt16(peer.port), useTLS: useTLS)
                    let options = MQTTConnectionOptions(clientID: "a", connectDeadline: .seconds(20))
                    let error = await mqttError {
                        _ = try await MQTTConnection.open(on: loop, to: endpoint, options: options) { _ in }
                    }
                    switch error {
                    case .lost, .tls: break
                    default: Issue.record("neither lost nor tls: \(String(describing: error))")
                    }
                }
            }
        }
    }

    @Test(
        "survives a peer that answers with something else than MQTT",
        arguments: [
            Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8),
            // Not a packet type; a CONNACK that ends early; a length field of five bytes.
            [0x00, 0x00, 0x00, 0x00], [0x20, 0x00], [0x20, 0xff, 0xff, 0xff, 0xff, 0x7f],
            // CONNACK with an unknown code; PUBLISH, SUBACK and PUBACK before the CONNACK.
            [0x20, 0x02, 0x00, 0x63], [0x30, 0x04, 0x00, 0x01, 0x61, 0x62], [0x90, 0x03, 0x00, 0x01, 0x00],
            [0x40, 0x02, 0x00, 0x01],
        ] as [[UInt8]]
    )
    func garbage(answer: [UInt8]) async throws {
        try await FakePeer.run(.answers(answer)) { peer in
            try await withLoop { loop in
                // HTTP's “H” begins a packet of 84 bytes that never come: that one ends by the deadline.
                let error = await mqttError {
                    _ = try await MQTTConnection.dial(loop, peer.port, id: "a") {
                        $0.connectDeadline = .milliseconds(500)
                    }
                }
                switch error {
                case .malformed, .timedOut: break
                default: Issue.record("\(String(describing: error))")
                }
            }
        }
    }

    @Test("is told why the broker does not let it in")
    func rejected() async throws {
        try await BrokerProcess.run(allowAnonymous: false) { broker in
            try await withLoop { loop in
                let error = await mqttError {
                    _ = try await MQTTConnection.dial(loop, broker.port, id: "a") {
                        $0.username = "nobody"
                        $0.password = Secret("wrong")
                    }
                }
                #expect(error == .rejected(code: 5, reason: "not authorized"))
                #expect(error?.isRetriable == false && error?.isConnectionRefused == false)
            }
        }
    }

    @Test("gets in with the right password")
    func password() async throws {
        try await BrokerProcess.run(
            allowAnonymous: false,
            configuration: { directory in
                let file = directory.appending(path: "passwords")
                let output = directory.appending(path: "passwd.log")
                let arguments = ["-b", "-c", file.path, "agent", "let me in"]
                return [
                    try Certificates.run(
                        "/usr/bin/mosquitto_passwd", arguments, output: output, then: "password_file \(file.path)")
                ]
            }
        ) { broker in
            try await withLoop { loop in
                let connection = try await MQTTConnection.dial(loop, broker.port, id: "a") {
                    $0.username = "agent"
                    $0.password = Secret("let me in")
                }
                #expect(await connection.isOpen)
            }
        }
    }

    @Test("refuses options that cannot work")
    func options() async throws {
        try await withLoop { loop in
            let port = LoopbackPort.unused()
            let noID = await mqttError { _ = try await MQTTConnection.dial(loop, port, id: "") }
            guard case .invalidOption = noID else {
                Issue.record("\(String(describing: noID))")
                return
            }
            let badWill = await mqttError {
                _ = try await MQTTConnection.dial(loop, port, id: "a") {
                    $0.lastWill = MQTTMessage(topic: "a/#", text: "x")
                }
            }
            #expect(badWill == .invalidTopic("a/#"))
        }
    }
}
