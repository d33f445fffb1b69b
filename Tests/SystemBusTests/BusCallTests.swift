import PollLoop
import StationTestSupport
import SystemBus
import Testing

@Suite("A call over a bus")
struct BusCallTests {
    /// So many calls at once; how many gave what they were to give.
    static func callsAtOnce(_ count: Int, over connection: BusConnection) async throws -> Int {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<count {
                group.addTask { try await Self.asksForName(number, over: connection) }
            }
            var answers = 0
            for try await isRight in group where isRight { answers += 1 }
            return answers
        }
    }

    /// Every other name has an owner.
    static func asksForName(_ number: Int, over connection: BusConnection) async throws -> Bool {
        let name = number.isMultiple(of: 2) ? "org.freedesktop.DBus" : "org.station.Nobody\(number)"
        let answer = try await connection.call(BusConnection.toBus("NameHasOwner", [.string(name)]))
        return answer == [.bool(number.isMultiple(of: 2))]
    }

    @Test("gives what the bus itself answers")
    func theBus() async throws {
        try await withBus { bus, loop in
            let connection = try await BusConnection.open(bus, loop)
            let name = await connection.uniqueName
            #expect(name.hasPrefix(":"))
            let names = try await connection.call(BusConnection.toBus("ListNames"))
            #expect(names.first?.strings?.contains(name) == true)
            let credentials = try await connection.call(
                BusConnection.toBus("GetConnectionCredentials", [.string(name)]))
            #expect(credentials.first?.properties?["ProcessID"]?.integer != nil)
            await connection.close()
        }
    }

    @Test("fails with the peer's own error, or with the bus's where there is no peer or no object")
    func errors() async throws {
        try await withBus { bus, loop in
            let peer = try await EchoPeer.start(bus, loop)
            let connection = try await BusConnection.open(bus, loop)
            let refused = await busError { _ = try await connection.call(EchoPeer.call("Refuse")) }
            #expect(refused == .remote(name: "org.station.Error.Refused", message: "not today"))
            #expect(refused.map { "\($0)" } == "org.station.Error.Refused: not today")
            let unknown = await busError { _ = try await connection.call(EchoPeer.call("Nonsense")) }
            #expect(unknown?.isObjectMissing == true)
            let missing = await busError {
                _ = try await connection.call(EchoPeer.call("Echo", name: "org.station.No"))
            }
            #expect(missing?.isServiceMissing == true)
            peer.retract()
            try await eventually("the object is gone") {
                await busError { _ = try await connection.call(EchoPeer.call("Echo")) }?.name
                    == BusErrorName.unknownObject
            }
            let isOpen = await connection.isOpen
            #expect(isOpen)
        }
    }

    @Test(
        "is not sent where its names are none",
        arguments: [
            BusCall("", path: "/", interface: "a.b", member: "C"),
            BusCall("a", path: "/", interface: "a.b", member: "C"),
            BusCall("a.b", path: "x", interface: "a.b", member: "C"),
            BusCall("a.b", path: "/", interface: "a", member: "C"),
            BusCall("a.b", path: "/", interface: "a.b", member: "C.D"),
            BusCall("a.b", path: "/", interface: "a.b", member: ""),
            BusCall("a.b\0", path: "/", interface: "a.b", member: "C"),
        ]
    )
    func names(call: BusCall) async throws {
        try await withBus { bus, loop in
            let connection = try await BusConnection.open(bus, loop)
            let error = await busError { _ = try await connection.call(call) }
            #expect(error?.name == BusErrorName.invalidArguments)
        }
    }

    @Test("ends at its deadline when the peer never answers; what comes later is dropped")
    func silentPeer() async throws {
        try await withBus { bus, loop in
            let peer = try await EchoPeer.start(bus, loop)
            let connection = try await BusConnection.open(bus, loop)
            let error = await busError {
                _ = try await connection.call(EchoPeer.call("Silent"), timeout: .milliseconds(100))
            }
            guard case .timedOut(let what) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(what.contains("org.station.Echo1.Silent"))
            #expect(error?.isUnanswered == true)
            let waiting = await connection.callsInFlight
            #expect(waiting == 0)
            peer.silence.end()
            let after = try await connection.call(EchoPeer.call("Echo", [.byte(1)]))
            #expect(after == [.byte(1)])
        }
    }

    @Test("ends at its deadline when the bus itself stands still")
    func frozenBus() async throws {
        try await withBus { bus, loop in
            let connection = try await BusConnection.open(bus, loop)
            bus.pause()
            let error = await busError {
                _ = try await connection.call(BusConnection.toBus("ListNames"), timeout: .milliseconds(100))
            }
            #expect(error?.isUnanswered == true)
            let opening = await busError {
                _ = try await BusConnection.open(.address(bus.address), on: loop, within: .milliseconds(200))
            }
            #expect(opening?.isUnanswered == true)
            bus.resume()
            let names = try await connection.call(BusConnection.toBus("ListNames"))
            #expect(names.count == 1)
        }
    }

    @Test("ends when the peer leaves the bus without an answer")
    func peerLeaves() async throws {
        try await withBus { bus, loop in
            let peer = try await EchoPeer.start(bus, loop)
            let connection = try await BusConnection.open(bus, loop)
            let calling = Task { await busError { _ = try await connection.call(EchoPeer.call("Silent")) } }
            try await eventually("the peer has the call") { peer.silence.count == 1 }
            await peer.connection.close()
            let error = await calling.value
            #expect(error?.name == BusErrorName.noReply)
            #expect(error?.isUnanswered == true)
            peer.silence.end()
        }
    }

    @Test("ends at once when its task is cancelled, also before it began")
    func cancelled() async throws {
        try await withBus { bus, loop in
            let peer = try await EchoPeer.start(bus, loop)
            let connection = try await BusConnection.open(bus, loop)
            let calling = Task { await busError { _ = try await connection.call(EchoPeer.call("Silent")) } }
            try await eventually("the peer has the call") { peer.silence.count == 1 }
            calling.cancel()
            let error = await calling.value
            #expect(error == .cancelled)
            let waiting = await connection.callsInFlight
            #expect(waiting == 0)
            let silence = Silence()
            let late = Task {
                await silence.wait()
                return await busError { _ = try await connection.call(EchoPeer.call("Echo")) }
            }
            late.cancel()
            silence.end()
            let lateError = await late.value
            #expect(lateError == .cancelled)
            peer.silence.end()
        }
    }

    @Test("is one of a thousand at once, and each gets its own answer")
    func thousand() async throws {
        try await withBus { bus, loop in
            let connection = try await BusConnection.open(bus, loop)
            let right = try await Self.callsAtOnce(1000, over: connection)
            #expect(right == 1000)
            let waiting = await connection.callsInFlight
            #expect(waiting == 0)
        }
    }

    @Test("reads and sets properties and asks an object manager")
    func standardInterfaces() async throws {
        try await withBus { bus, loop in
            let shop = try await PropertyPeer.start(bus, loop)
            let connection = try await BusConnection.open(bus, loop)
            let objects = try await connection.managedObjects(service: PropertyPeer.name, path: "/")
            #expect(objects == ["/a": ["org.station.Thing1": ["Powered": .bool(false), "Name": .string("x")]]])
            try await connection.setProperty(
                "Powered", of: "org.station.Thing1", service: PropertyPeer.name, path: "/", to: .bool(true))
            let value = try await connection.property(
                "Powered", of: "org.station.Thing1", service: PropertyPeer.name, path: "/")
            #expect(value == .bool(true))
            withExtendedLifetime(shop) {}
        }
    }
}
