import Foundation
import Glibc
import MQTTTransport
import PollLoop
import StationTestSupport
import Testing

/// Serialized: these tests count and use up descriptors of the process.
@Suite("Many connections", .serialized)
struct MQTTScaleTests {
    @Test("share one loop")
    func twoHundred() async throws {
        try await BrokerProcess.run { broker in
            try await withLoop { loop in
                let inbox = Inbox()
                let connections = try await withThrowingTaskGroup(of: MQTTConnection.self) { group in
                    for number in 0..<200 {
                        group.addTask {
                            try await MQTTConnection.dial(loop, broker.port, id: "c\(number)", inbox: inbox)
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                for connection in connections { try await connection.subscribe(["all"], qos: .atMostOnce) }
                try await connections[0].publish(MQTTMessage(topic: "all", text: "x"))
                try await eventually("all 200 hear it") { inbox.count == 200 }
                for connection in connections { await connection.close() }
            }
        }
    }

    @Test("work with descriptor numbers above 1024")
    func highDescriptors() async throws {
        let fillers = try (0..<1_100).map { _ in
            let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
            try #require(descriptor >= 0)
            return descriptor
        }
        defer { fillers.forEach { close($0) } }
        #expect(fillers.contains { $0 > 1_024 })
        try await BrokerProcess.run { broker in
            try await withLoop { loop in
                let inbox = Inbox()
                let connection = try await MQTTConnection.dial(loop, broker.port, id: "high", inbox: inbox)
                try await connection.subscribe(["t"])
                try await connection.publish(MQTTMessage(topic: "t", text: "x"))
                try await eventually("the message comes back") { inbox.texts == ["x"] }
                await connection.close()
            }
        }
    }
}
