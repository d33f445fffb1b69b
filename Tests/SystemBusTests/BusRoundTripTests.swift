import Glibc
import StationTestSupport
import SystemBus
import Testing

@Suite("Values over a bus")
struct BusRoundTripTests {
    static let samples: [BusValue] = [
        .byte(0), .byte(255), .bool(true), .bool(false), .int16(.min), .int16(.max), .uint16(.max), .int32(.min),
        .int32(.max), .uint32(.max), .int64(.min), .int64(.max), .uint64(.max), .double(-0.0), .double(1.5e300),
        .string(""), .string("Grüße 👋 \u{FEFF}"), .string(String(repeating: "ä", count: 100_000)), .objectPath("/"),
        .objectPath("/org/bluez/hci0/dev_AA_BB"), .signature(""), .signature("a{oa{sa{sv}}}"),
        .bytes([]), .bytes([0]), .bytes(Array(0...255)), .array([], of: "s"), .array([], of: "a{sv}"),
        .array([.bytes([1]), .bytes([])], of: "ay"), .array([.bool(true), .bool(false)], of: "b"),
        .array([.structure([.byte(1), .string("a")])], of: "(ys)"), .strings(["", "a"]),
        .dictionary([:], key: "s", value: "v"),
        .dictionary([.uint16(76): .variant(.bytes([1, 2]))], key: "q", value: "v"),
        .dictionary([.byte(1): .array([.int64(-1)], of: "x")], key: "y", value: "ax"),
        .dictionary([.bool(true): .double(1)], key: "b", value: "d"),
        .dictionary(
            [.objectPath("/a"): .dictionary([.string("i"): .properties(["P": .int16(-1)])], key: "s", value: "a{sv}")],
            key: "o", value: "a{sa{sv}}"),
        .structure([.byte(1), .structure([.int64(2), .array([], of: "(ss)")])]), .variant(.variant(.variant(.byte(1)))),
        .variant(.dictionary([:], key: "s", value: "s")), .variant(.array([], of: "v")),
        .properties(["a": .strings(["b"]), "c": .variant(.bytes([9])), "": .structure([.bool(true)])]),
        nested(levels: 30),
    ]

    static let forbidden: [BusValue] = [
        .string("a\0b"), .objectPath(""), .objectPath("a"), .objectPath("/a/"), .objectPath("/a//b"), .objectPath("/ä"),
        .signature("("), .signature("a"), .signature("{sv}"), .structure([]), .array([], of: ""), .array([], of: "ss"),
        .array([.byte(1)], of: "s"), .array([.structure([])], of: "()"), .dictionary([:], key: "v", value: "s"),
        .dictionary([:], key: "as", value: "s"), .dictionary([:], key: "s", value: ""),
        .dictionary([.string("a"): .byte(1)], key: "s", value: "v"), .variant(.structure([])),
        .variant(.string("\0")), .array([.variant(.objectPath("x"))], of: "v"), nested(levels: 40),
        .array([], of: String(repeating: "a", count: 33) + "y"),
        .structure(Array(repeating: .byte(0), count: 300)),
    ]

    /// A variant within a variant and so on.
    static func nested(levels: Int) -> BusValue {
        (0..<levels).reduce(.string("deep")) { value, _ in .variant(value) }
    }

    /// Sends each value on its own and all of them together; what does not come back as it was.
    static func differences(_ values: [BusValue], over connection: BusConnection) async throws -> [String] {
        var differences: [String] = []
        for value in values {
            let answer = try await connection.call(EchoPeer.call("Echo", [value]))
            if answer != [value] { differences.append("\(value) became \(answer)") }
        }
        return differences
    }

    static func accepted(_ values: [BusValue], by connection: BusConnection) async -> [String] {
        var accepted: [String] = []
        for value in values {
            let error = await busError { _ = try await connection.call(EchoPeer.call("Echo", [value])) }
            if case .invalid = error { continue }
            accepted.append("\(value): \(String(describing: error))")
        }
        return accepted
    }

    @Test("come back as they were")
    func everyType() async throws {
        try await withBus { bus, loop in
            let peer = try await EchoPeer.start(bus, loop)
            let connection = try await BusConnection.open(bus, loop)
            let differences = try await Self.differences(Self.samples, over: connection)
            #expect(differences == [])
            let several: [BusValue] = [.byte(1), .int64(2), .string("three"), .bytes([4]), .bool(false), .double(6)]
            let together = try await connection.call(EchoPeer.call("Echo", several))
            #expect(together == several)
            let nothing = try await connection.call(EchoPeer.call("Echo"))
            #expect(nothing == [])
            withExtendedLifetime(peer) {}
        }
    }

    @Test("are refused before libdbus sees what D-Bus does not allow")
    func forbiddenValues() async throws {
        try await withBus { bus, loop in
            let peer = try await EchoPeer.start(bus, loop)
            let connection = try await BusConnection.open(bus, loop)
            let accepted = await Self.accepted(Self.forbidden, by: connection)
            #expect(accepted == [])
            let isOpen = await connection.isOpen
            #expect(isOpen)
            withExtendedLifetime(peer) {}
        }
    }

    @Test("may be megabytes, and are refused beyond the limit of the bus")
    func bigMessages() async throws {
        try await withBus { bus, loop in
            let peer = try await EchoPeer.start(bus, loop)
            let connection = try await BusConnection.open(bus, loop)
            let big = BusValue.bytes([UInt8](repeating: 0xA5, count: 8 << 20))
            let answer = try await connection.call(EchoPeer.call("Echo", [big]))
            #expect(answer == [big])
            let tooBig = BusValue.bytes([UInt8](repeating: 0, count: 32 << 20))
            let error = await busError { _ = try await connection.call(EchoPeer.call("Echo", [tooBig])) }
            guard case .tooLarge = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            let after = try await connection.call(EchoPeer.call("Echo", [.byte(1)]))
            #expect(after == [.byte(1)])
            withExtendedLifetime(peer) {}
        }
    }

    @Test("may be descriptors: what comes back is another one of the same file")
    func descriptors() async throws {
        try await withBus { bus, loop in
            let peer = try await EchoPeer.start(bus, loop)
            let connection = try await BusConnection.open(bus, loop)
            var ends: [Int32] = [0, 0]
            let made = pipe(&ends)
            #expect(made == 0)
            let reader = BusDescriptor(owning: ends[0])
            let writer = BusDescriptor(owning: ends[1])
            let answer = try await connection.call(EchoPeer.call("Echo", [.descriptor(writer)]))
            let copy = try #require(answer.first?.descriptor)
            #expect(copy.rawValue != writer.rawValue)
            let written = write(copy.rawValue, "x", 1)
            #expect(written == 1)
            var byte: UInt8 = 0
            let count = read(reader.rawValue, &byte, 1)
            #expect(count == 1)
            #expect(byte == UInt8(ascii: "x"))
            withExtendedLifetime(peer) {}
        }
    }
}
