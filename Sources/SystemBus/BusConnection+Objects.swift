// The standard interfaces of objects (D-Bus specification, Standard Interfaces).
extension BusConnection {
    private static let propertiesInterface = "org.freedesktop.DBus.Properties"

    /// What an object manager has now (`GetManagedObjects`). Subscribe to its signals first.
    ///
    /// - Throws: `BusError`, as `call` does; `.invalid` when the service answers with something else.
    public func managedObjects(
        service: String, path: String, startsService: Bool = true, timeout: Duration = defaultLimit
    ) async throws(BusError) -> BusObjects {
        let call = BusCall(
            service, path: path, interface: "org.freedesktop.DBus.ObjectManager", member: "GetManagedObjects",
            startsService: startsService)
        let answer = try await self.call(call, timeout: timeout)
        guard let objects = answer.first?.properties else {
            throw .invalid(detail: "\(service) does not give its objects as an object manager does")
        }
        return objects.mapValues { Self.interfaces($0) }
    }

    /// The interfaces of an object with their properties, `a{sa{sv}}`: as `InterfacesAdded` has them.
    public static func interfaces(_ value: BusValue) -> [String: [String: BusValue]] {
        (value.properties ?? [:]).mapValues { $0.properties ?? [:] }
    }

    /// A property's value, out of its variant.
    ///
    /// - Throws: `BusError`, as `call` does; `.invalid` when the service answers with something else.
    public func property(
        _ name: String, of interface: String, service: String, path: String, timeout: Duration = defaultLimit
    ) async throws(BusError) -> BusValue {
        let answer = try await self.call(
            BusCall(
                service, path: path, interface: Self.propertiesInterface, member: "Get",
                arguments: [.string(interface), .string(name)]),
            timeout: timeout)
        guard let value = answer.first else { throw .invalid(detail: "\(service) gives no value for \(name)") }
        return value.unwrapped
    }

    /// Sets a property.
    ///
    /// - Throws: `BusError`, as `call` does.
    public func setProperty(
        _ name: String, of interface: String, service: String, path: String, to value: BusValue,
        timeout: Duration = defaultLimit
    ) async throws(BusError) {
        _ = try await self.call(
            BusCall(
                service, path: path, interface: Self.propertiesInterface, member: "Set",
                arguments: [.string(interface), .string(name), .variant(value)]),
            timeout: timeout)
    }
}
