import PollLoop
import StationTestSupport
import SystemBus

/// A service with one object that has properties, as BlueZ has them.
struct PropertyPeer {
    static let name = "org.station.Shop"

    let connection: BusConnection
    let object: BusExport

    static func start(_ bus: PrivateBus, _ loop: LoopThread) async throws -> PropertyPeer {
        let connection = try await BusConnection.open(bus, loop)
        let powered = Locked(BusValue.bool(false))
        let object = try await connection.export(path: "/") { (request) throws(BusError) in
            try Self.answer(request, powered)
        }
        try await connection.requestName(Self.name)
        return PropertyPeer(connection: connection, object: object)
    }

    private static func answer(_ request: BusRequest, _ powered: Locked<BusValue>) throws(BusError) -> [BusValue] {
        switch request.member {
        case "GetManagedObjects":
            let properties = BusValue.properties(["Powered": powered.value, "Name": .string("x")])
            let interfaces = BusValue.dictionary([.string("org.station.Thing1"): properties], key: "s", value: "a{sv}")
            return [.dictionary([.objectPath("/a"): interfaces], key: "o", value: "a{sa{sv}}")]
        case "Get": return [.variant(powered.value)]
        case "Set":
            guard request.arguments.count == 3 else {
                throw .remote(name: BusErrorName.invalidArguments, message: "three arguments")
            }
            let value = request.arguments[2].unwrapped
            powered.withLock { $0 = value }
            return []
        default: throw .remote(name: BusErrorName.unknownMethod, message: request.member)
        }
    }
}
