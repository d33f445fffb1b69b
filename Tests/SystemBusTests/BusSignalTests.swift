import PollLoop
import StationTestSupport
import SystemBus
import Testing

@Suite("Signals over a bus")
struct BusSignalTests {
    /// The numbers of the next signals.
    static func numbers(_ count: Int, of stream: AsyncStream<BusSignal>) async -> [Int] {
        var numbers: [Int] = []
        for await signal in stream {
            numbers.append(signal.arguments.first?.integer ?? -1)
            if numbers.count == count { break }
        }
        return numbers
    }

    static func next(of stream: AsyncStream<BusSignal>) async -> BusSignal? {
        for await signal in stream { return signal }
        return nil
    }

    /// All that is left in a stream that has ended or will end.
    static func rest(of stream: AsyncStream<BusSignal>) async -> Int {
        var count = 0
        for await _ in stream { count += 1 }
        return count
    }

    static func owners(_ count: Int, of stream: AsyncStream<BusOwner>) async -> [String?] {
        var owners: [String?] = []
        for await owner in stream {
            owners.append(owner.uniqueName)
            if owners.count == count { break }
        }
        return owners
    }

    @Test("come in the order in which they were sent")
    func order() async throws {
        try await withBus { bus, loop in
            let peer = try await EchoPeer.start(bus, loop)
            let connection = try await BusConnection.open(bus, loop)
            let stream = try await connection.signals(
                matching: BusMatch(sender: EchoPeer.name, interface: EchoPeer.interface, member: "Number"))
            try await peer.emitNumbers(2000)
            let numbers = await Self.numbers(2000, of: stream)
            #expect(numbers == Array(0..<2000))
        }
    }

    @Test("come to those who want them, and not to others")
    func matching() async throws {
        try await withBus { bus, loop in
            let peer = try await EchoPeer.start(bus, loop)
            let connection = try await BusConnection.open(bus, loop)
            let below = try await connection.signals(matching: BusMatch(pathNamespace: "/org/station"))
            let other = try await connection.signals(matching: BusMatch(path: "/org/station2"))
            let named = try await connection.signals(
                matching: BusMatch(interface: EchoPeer.interface, firstArgument: "it's"))
            try await peer.emit("A", [.uint32(1)], path: "/org/station")
            try await peer.emit("A", [.uint32(2)], path: "/org/station2")
            try await peer.emit("A", [.uint32(3)], path: "/org/station/a/b")
            try await peer.emit("A", [.string("its")], path: "/x")
            try await peer.emit("A", [.string("it's"), .uint32(4)], path: "/x")
            let belowNumbers = await Self.numbers(2, of: below)
            #expect(belowNumbers == [1, 3])
            let otherNumbers = await Self.numbers(1, of: other)
            #expect(otherNumbers == [2])
            let signal = await Self.next(of: named)
            #expect(signal?.arguments == [.string("it's"), .uint32(4)])
        }
    }

    @Test("by a well-known name come from whoever has the name, and from nobody who has not")
    func senders() async throws {
        try await withBus { bus, loop in
            let connection = try await BusConnection.open(bus, loop)
            let stream = try await connection.signals(matching: BusMatch(sender: EchoPeer.name, member: "Number"))
            let stranger = try await EchoPeer.start(bus, loop, name: "org.station.Stranger")
            // The stranger's signals come too, because of this one.
            let all = try await connection.signals(matching: BusMatch(member: "Number"))
            try await stranger.emit("Number", [.uint32(1)])
            let first = try await EchoPeer.start(bus, loop)
            try await first.emit("Number", [.uint32(2)])
            try await first.connection.releaseName(EchoPeer.name)
            try await first.emit("Number", [.uint32(3)])
            let second = try await EchoPeer.start(bus, loop)
            try await second.emit("Number", [.uint32(4)])
            let numbers = await Self.numbers(2, of: stream)
            #expect(numbers == [2, 4])
            let allNumbers = await Self.numbers(4, of: all)
            #expect(allNumbers.sorted() == [1, 2, 3, 4])
        }
    }

    @Test("end early for a reader that is too far behind, and only for that one")
    func slowReader() async throws {
        try await withBus { bus, loop in
            let peer = try await EchoPeer.start(bus, loop)
            let connection = try await BusConnection.open(bus, loop)
            let match = BusMatch(sender: EchoPeer.name, member: "Number")
            let slow = try await connection.signals(matching: match, capacity: 10)
            let quick = try await connection.signals(matching: match)
            try await peer.emitNumbers(30)
            let numbers = await Self.numbers(30, of: quick)
            #expect(numbers == Array(0..<30))
            let kept = await Self.rest(of: slow)
            #expect(kept == 10)
        }
    }

    @Test("stop when nobody wants them any more, and go on for the others")
    func unsubscribing() async throws {
        try await withBus { bus, loop in
            let peer = try await EchoPeer.start(bus, loop)
            let connection = try await BusConnection.open(bus, loop)
            let match = BusMatch(sender: EchoPeer.name, member: "Number")
            let staying = try await connection.signals(matching: match)
            let leaving = try await connection.signals(matching: match)
            let reading = Task { await Self.rest(of: leaving) }
            reading.cancel()
            _ = await reading.value
            try await peer.emitNumbers(3)
            let numbers = await Self.numbers(3, of: staying)
            #expect(numbers == [0, 1, 2])
        }
    }

    @Test("are refused where the bus allows no more rules, and then nothing is left behind")
    func tooManyRules() async throws {
        try await withBus(limits: ["max_match_rules_per_connection": 2]) { bus, loop in
            let connection = try await BusConnection.open(bus, loop)
            let one = try await connection.signals(matching: BusMatch(member: "A"))
            let two = try await connection.signals(matching: BusMatch(member: "A"))
            let error = await busError { _ = try await connection.signals(matching: BusMatch(member: "A")) }
            #expect(error?.name == BusErrorName.limitsExceeded)
            let peer = try await EchoPeer.start(bus, loop)
            try await peer.emit("A", [.uint32(1)])
            let first = await Self.numbers(1, of: one)
            let second = await Self.numbers(1, of: two)
            #expect(first == [1])
            #expect(second == [1])
        }
    }

    @Test(
        "are not to be had by a rule that D-Bus does not allow",
        arguments: [
            BusMatch(sender: "a"), BusMatch(path: "x"), BusMatch(path: "/", pathNamespace: "/"),
            BusMatch(interface: "a'b.c"),
            BusMatch(member: "a,b"), BusMatch(firstArgument: "a\0"), BusMatch(pathNamespace: "/a/"),
        ]
    )
    func invalidRules(match: BusMatch) async throws {
        try await withBus { bus, loop in
            let connection = try await BusConnection.open(bus, loop)
            let error = await busError { _ = try await connection.signals(matching: match) }
            #expect(error?.name == BusErrorName.invalidArguments)
        }
    }

    @Test("tell who has a name: now, and from now on")
    func nameOwners() async throws {
        try await withBus { bus, loop in
            let connection = try await BusConnection.open(bus, loop)
            let owners = try await connection.nameOwnerChanges(of: EchoPeer.name)
            let one = try await EchoPeer.start(bus, loop)
            await one.connection.close()
            let two = try await EchoPeer.start(bus, loop)
            let told = await Self.owners(4, of: owners)
            let oneName = await one.connection.uniqueName
            let twoName = await two.connection.uniqueName
            #expect(told == [nil, oneName, nil, twoName])
            let later = try await connection.nameOwnerChanges(of: EchoPeer.name)
            let now = await Self.owners(1, of: later)
            #expect(now == [twoName])
        }
    }
}
