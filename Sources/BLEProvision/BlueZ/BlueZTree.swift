import SystemBus

/// BlueZ's objects as they are by its snapshot and its signals. Pure: signals go in, changes come out.
struct BlueZTree: Sendable {
    /// What a signal has changed, as far as anybody cares.
    enum Change: Sendable, Hashable {
        /// A device was heard: it was added, or a property that comes with an advertisement has changed.
        case heard(device: String)
        /// A device was added that was not there before.
        case added(device: String)
        case removed(device: String)
        /// The link to a device is gone.
        case disconnected(device: String)
        /// A characteristic has told a value.
        case value(characteristic: String, [UInt8])
        /// Anything about an adapter.
        case adapter
    }

    /// The properties whose change is a sign of life (bleak-retry-connector, habluetooth: a change of others is not).
    private static let advertised: Set<String> = ["RSSI", "ServiceData", "ManufacturerData", "UUIDs", "Name"]
    /// More objects than this are none of ours: BlueZ would be lost itself.
    static let capacity = 20_000

    private(set) var objects: BusObjects = [:]

    /// Takes a snapshot for the truth. Devices in it were not heard: the snapshot may be days old.
    init(_ objects: BusObjects = [:]) {
        self.objects = objects
    }

    /// Applies a signal of BlueZ; what is not about its objects, or is malformed, changes nothing.
    mutating func apply(_ signal: BusSignal) -> [Change] {
        switch (signal.interface, signal.member) {
        case (BlueZName.objectManager, "InterfacesAdded"): self.added(signal.arguments)
        case (BlueZName.objectManager, "InterfacesRemoved"): self.removed(signal.arguments)
        case (BlueZName.properties, "PropertiesChanged"): self.changed(signal.path, signal.arguments)
        default: []
        }
    }

    private mutating func added(_ arguments: [BusValue]) -> [Change] {
        guard arguments.count >= 2, let path = arguments[0].objectPath, let interfaces = arguments[1].properties,
            self.objects.count < Self.capacity || self.objects[path] != nil
        else { return [] }
        var changes: [Change] = []
        for (name, values) in interfaces {
            guard let properties = values.properties else { continue }
            // Twice the same: BlueZ adds interfaces one by one, and a snapshot may have been faster.
            let isNew = self.objects[path]?[name] == nil
            self.objects[path, default: [:]][name] = properties
            if name == BlueZName.adapter { changes.append(.adapter) }
            if name == BlueZName.device {
                if isNew { changes.append(.added(device: path)) }
                if properties["RSSI"] != nil { changes.append(.heard(device: path)) }
            }
        }
        return changes
    }

    private mutating func removed(_ arguments: [BusValue]) -> [Change] {
        guard arguments.count >= 2, let path = arguments[0].objectPath, let names = arguments[1].strings else {
            return []
        }
        var changes: [Change] = []
        for name in names where self.objects[path]?.removeValue(forKey: name) != nil {
            if name == BlueZName.adapter { changes.append(.adapter) }
            if name == BlueZName.device { changes += [.disconnected(device: path), .removed(device: path)] }
        }
        if self.objects[path]?.isEmpty == true { self.objects[path] = nil }
        return changes
    }

    private mutating func changed(_ path: String, _ arguments: [BusValue]) -> [Change] {
        guard arguments.count >= 3, let name = arguments[0].string, let values = arguments[1].properties,
            let invalidated = arguments[2].strings, self.objects[path]?[name] != nil
        else { return [] }
        for (key, value) in values { self.objects[path]?[name]?[key] = value }
        for key in invalidated { self.objects[path]?[name]?[key] = nil }
        switch name {
        case BlueZName.adapter: return [.adapter]
        case BlueZName.device:
            if values["Connected"]?.bool == false { return [.disconnected(device: path)] }
            // UUIDs and Name also come when services are resolved: that is no advertisement.
            guard values.keys.contains(where: Self.advertised.contains), !self.isConnected(path) else { return [] }
            return [.heard(device: path)]
        case BlueZName.characteristic:
            return values["Value"]?.bytes.map { [.value(characteristic: path, $0)] } ?? []
        default: return []
        }
    }

    /// A property, if the object has that interface.
    func property(_ path: String, _ interface: String, _ name: String) -> BusValue? {
        self.objects[path]?[interface]?[name]
    }

    // MARK: Adapters

    /// The adapter to use: one that can be a central, rather one that is powered, by address rather than by path, which
    /// changes when it is plugged in again.
    var adapter: BlueZAdapterState? {
        let adapters = self.objects.compactMap { path, interfaces in
            interfaces[BlueZName.adapter].map { BlueZAdapterState(path: path, properties: $0) }
        }
        return adapters.filter(\.isCentral).min { one, other in
            one.isPowered == other.isPowered ? one.address < other.address : one.isPowered
        }
    }

    // MARK: Devices

    func hasDevice(_ path: String) -> Bool { self.objects[path]?[BlueZName.device] != nil }

    func isConnected(_ device: String) -> Bool { self.property(device, BlueZName.device, "Connected")?.bool ?? false }

    func isResolved(_ device: String) -> Bool {
        self.property(device, BlueZName.device, "ServicesResolved")?.bool ?? false
    }

    /// All devices below an adapter.
    func devices(of adapter: String) -> [String] {
        self.objects.keys.filter { $0.hasPrefix(adapter + "/") && self.hasDevice($0) }
    }

    /// The device of an address below an adapter, as far as BlueZ has it as an object.
    func device(at address: String, of adapter: String) -> String? {
        self.devices(of: adapter).first { self.property($0, BlueZName.device, "Address")?.string == address }
    }

    /// Whether others care for the device: it is paired or trusted by somebody, or connected.
    func isKept(_ device: String) -> Bool {
        ["Paired", "Bonded", "Trusted", "Connected"].contains {
            self.property(device, BlueZName.device, $0)?.bool ?? false
        }
    }

    /// What the device advertises, as far as BlueZ has heard it; `nil` without an address.
    func advertisement(of device: String) -> Advertisement? {
        guard let properties = self.objects[device]?[BlueZName.device], let address = properties["Address"]?.string
        else { return nil }
        var serviceData: [GATTUUID: [UInt8]] = [:]
        for (name, value) in properties["ServiceData"]?.properties ?? [:] {
            if let uuid = GATTUUID(name), let bytes = value.bytes { serviceData[uuid] = bytes }
        }
        var manufacturerData: [UInt16: [UInt8]] = [:]
        for (key, value) in properties["ManufacturerData"]?.entries ?? [:] {
            if let id = key.integer.flatMap({ UInt16(exactly: $0) }), let bytes = value.bytes {
                manufacturerData[id] = bytes
            }
        }
        return Advertisement(
            address: address, name: properties["Name"]?.string, rssi: properties["RSSI"]?.integer,
            serviceUUIDs: Set((properties["UUIDs"]?.strings ?? []).compactMap { GATTUUID($0) }),
            serviceData: serviceData, manufacturerData: manufacturerData
        )
    }

    // MARK: GATT

    /// The characteristics of a device by the path of their object, with their service.
    func characteristics(of device: String) -> [(path: String, characteristic: GATTCharacteristic)] {
        self.objects.compactMap { path, interfaces -> (path: String, characteristic: GATTCharacteristic)? in
            guard path.hasPrefix(device + "/"), let properties = interfaces[BlueZName.characteristic],
                let uuid = properties["UUID"]?.string.flatMap({ GATTUUID($0) }),
                let service = properties["Service"]?.objectPath,
                let serviceUUID = self.property(service, BlueZName.gattService, "UUID")?.string
                    .flatMap({ GATTUUID($0) })
            else { return nil }
            let flags = Set((properties["Flags"]?.strings ?? []).compactMap { GATTCharacteristic.Flag(rawValue: $0) })
            return (path, GATTCharacteristic(service: serviceUUID, uuid: uuid, flags: flags))
        }
        .sorted { $0.path < $1.path }
    }

    /// The object of a characteristic's descriptor.
    func descriptor(_ uuid: GATTUUID, of characteristic: String) -> String? {
        self.objects.keys.first { path in
            path.hasPrefix(characteristic + "/")
                && self.property(path, BlueZName.descriptor, "UUID")?.string.flatMap { GATTUUID($0) } == uuid
        }
    }
}
