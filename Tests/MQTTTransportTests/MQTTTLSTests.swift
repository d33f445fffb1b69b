import Foundation
import MQTTTransport
import PollLoop
import StationTestSupport
import Testing

@Suite("A connection over TLS")
struct MQTTTLSTests {
    /// A broker with a certificate for `host` of its own CA, and a second CA that has nothing to do with it.
    private static func run(
        host: String = "IP:127.0.0.1",
        _ body: (BrokerProcess, LoopThread) async throws -> Void
    ) async throws {
        try await BrokerProcess.run(
            configuration: { directory in
                try Certificates.make("broker", in: directory, host: host)
                try Certificates.make("other", in: directory)
                return ["certfile", "keyfile"].map { option in
                    "\(option) \(directory.path)/broker.\(option == "certfile" ? "pem" : "key")"
                }
            }
        ) { broker in
            try await withLoop { loop in try await body(broker, loop) }
        }
    }

    private static func open(
        _ broker: BrokerProcess, _ loop: LoopThread, ca: String?, id: String = "a", inbox: Inbox = Inbox()
    ) async throws -> MQTTConnection {
        let endpoint = MQTTEndpoint(
            host: "127.0.0.1", port: UInt16(broker.port), useTLS: true,
            caFile: ca.map { broker.directory.appending(path: $0).path })
        let options = MQTTConnectionOptions(clientID: id, connectDeadline: .seconds(20), publishDeadline: .seconds(20))
        return try await MQTTConnection.open(on: loop, to: endpoint, options: options) { inbox.receive($0) }
    }

    @Test("brings messages of all sizes there and back")
    func roundTrip() async throws {
        try await Self.run { broker, loop in
            let inbox = Inbox()
            let connection = try await Self.open(broker, loop, ca: "broker-ca.pem", inbox: inbox)
            try await connection.subscribe(["t"])
            let sizes = [1, 100_000, 3, 250_000, 0]
            for size in sizes {
                try await connection.publish(MQTTMessage(topic: "t", payload: Array(repeating: 1, count: size)))
            }
            for _ in 0..<500 { try await connection.enqueue(MQTTMessage(topic: "t", text: "burst", qos: .atLeastOnce)) }
            try await eventually("all come back") { inbox.count == sizes.count + 500 }
            #expect(inbox.messages.prefix(5).map(\.payloadSize) == sizes)
            await connection.close()
            #expect(try await connection.closed == nil)
        }
    }

    @Test("is not made with a broker whose authority is unknown", arguments: ["other-ca.pem", nil])
    func wrongAuthority(ca: String?) async throws {
        try await Self.run { broker, loop in
            let error = await mqttError { _ = try await Self.open(broker, loop, ca: ca) }
            guard case .tls(let detail) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(detail.contains("certificate verify failed"))
            #expect(error?.isRetriable == false)
        }
    }

    @Test("is not made with a broker whose certificate is for another host")
    func wrongHost() async throws {
        try await Self.run(host: "DNS:elsewhere.example") { broker, loop in
            let error = await mqttError { _ = try await Self.open(broker, loop, ca: "broker-ca.pem") }
            guard case .tls = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("names the CA file that cannot be read")
    func missingFile() async throws {
        try await Self.run { broker, loop in
            let error = await mqttError { _ = try await Self.open(broker, loop, ca: "missing.pem") }
            #expect(error?.description.contains("missing.pem") == true)
        }
    }

    @Test("is not made with a broker that speaks no TLS, nor without TLS with one that does")
    func mismatch() async throws {
        try await BrokerProcess.run { plain in
            try await withLoop { loop in
                let error = await mqttError { _ = try await Self.open(plain, loop, ca: nil) }
                #expect(error != nil)
            }
        }
        try await Self.run { broker, loop in
            let error = await mqttError { _ = try await MQTTConnection.dial(loop, broker.port, id: "a") }
            #expect(error != nil)
        }
    }

    @Test("ends when the broker is killed")
    func brokerKilled() async throws {
        try await Self.run { broker, loop in
            let connection = try await Self.open(broker, loop, ca: "broker-ca.pem")
            await broker.kill()
            #expect(try await connection.closed?.isRetriable == true)
        }
    }
}
