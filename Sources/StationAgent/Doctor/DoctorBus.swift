import PollLoop
import SystemBus

/// The machine's D-Bus as `doctor` asks it: every question has a short limit.
struct DoctorBus: Sendable {
    private static let limit = Duration.seconds(5)

    private let loop: LoopThread?
    /// `nil` when there is no bus.
    private let connection: BusConnection?
    /// Why there is no bus.
    let fault: String?

    /// Connects, if there is a bus; `close()` leaves it again.
    static func open(_ address: BusAddress = .system) async -> DoctorBus {
        let loop: LoopThread
        do throws(LoopError) {
            loop = try LoopThread(name: "doctor-bus")
        } catch {
            return DoctorBus(loop: nil, connection: nil, fault: "\(error)")
        }
        do throws(BusError) {
            let connection = try await BusConnection.open(address, on: loop, within: Self.limit)
            return DoctorBus(loop: loop, connection: connection, fault: nil)
        } catch {
            loop.stop()
            return DoctorBus(loop: nil, connection: nil, fault: error.message)
        }
    }

    func close() async {
        await self.connection?.close()
        self.loop?.stop()
    }

    /// Whether somebody has a name.
    func hasOwner(_ name: String) async throws(BusError) -> Bool {
        let bus = "org.freedesktop.DBus"
        let call = BusCall(
            bus, path: "/org/freedesktop/DBus", interface: bus, member: "NameHasOwner", arguments: [.string(name)]
        )
        return try await self.open.call(call, timeout: Self.limit).first?.bool ?? false
    }

    /// All properties of an interface of an object.
    func properties(
        of interface: String, service: String, path: String, startsService: Bool = false
    ) async throws(BusError) -> [String: BusValue] {
        let call = BusCall(
            service, path: path, interface: "org.freedesktop.DBus.Properties", member: "GetAll",
            arguments: [.string(interface)], startsService: startsService
        )
        return try await self.open.call(call, timeout: Self.limit).first?.properties ?? [:]
    }

    /// The same, if anybody tells.
    func told(
        of interface: String, service: String, path: String, startsService: Bool = false
    ) async -> [String: BusValue]? {
        do throws(BusError) {
            return try await self.properties(
                of: interface, service: service, path: path, startsService: startsService)
        } catch {
            return nil
        }
    }

    /// What a service has, each object with its interfaces.
    func objects(of service: String) async throws(BusError) -> BusObjects {
        try await self.open.managedObjects(service: service, path: "/", startsService: false, timeout: Self.limit)
    }

    /// What a call gives; it starts no service.
    func call(_ call: BusCall) async throws(BusError) -> [BusValue] {
        var call = call
        call.startsService = false
        return try await self.open.call(call, timeout: Self.limit)
    }

    private var open: BusConnection {
        get throws(BusError) {
            guard let connection else { throw .unavailable(detail: self.fault ?? "there is no D-Bus") }
            return connection
        }
    }
}
