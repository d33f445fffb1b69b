import StationCore
import SystemBus
import Testing

@testable import BLEProvision

@Suite("The cache of BlueZ's objects")
struct BlueZTreeTests {
    private static let hci = "/org/bluez/hci0"
    private static let device = "/org/bluez/hci0/dev_AA"

    private static func added(_ path: String, _ interfaces: [String: [String: BusValue]]) -> BusSignal {
        var entries: [BusValue: BusValue] = [:]
        for (name, properties) in interfaces { entries[.string(name)] = .properties(properties) }
        return BusSignal(
            sender: ":1.2", path: "/", interface: BlueZName.objectManager, member: "InterfacesAdded",
            arguments: [.objectPath(path), .dictionary(entries, key: "s", value: "a{sv}")])
    }

    private static func removed(_ path: String, _ interfaces: [String]) -> BusSignal {
        BusSignal(
            sender: ":1.2", path: "/", interface: BlueZName.objectManager, member: "InterfacesRemoved",
            arguments: [.objectPath(path), .strings(interfaces)])
    }

    private static func changed(
        _ path: String, _ interface: String, _ properties: [String: BusValue], gone: [String] = []
    ) -> BusSignal {
        BusSignal(
            sender: ":1.2", path: path, interface: BlueZName.properties, member: "PropertiesChanged",
            arguments: [.string(interface), .properties(properties), .strings(gone)])
    }

    private static func adapter(
        _ address: String, isPowered: Bool = true, roles: [String]? = nil
    ) -> [String: [String: BusValue]] {
        var properties: [String: BusValue] = ["Address": .string(address), "Powered": .bool(isPowered)]
        if let roles { properties["Roles"] = .strings(roles) }
        return [BlueZName.adapter: properties]
    }

    private static func tree() -> BlueZTree {
        BlueZTree([
            Self.hci: Self.adapter("00:01"),
            Self.device: [BlueZName.device: ["Address": .string("AA"), "Connected": .bool(false)]],
        ])
    }

    @Test("takes a snapshot's devices for known, not for heard")
    func snapshot() {
        let tree = Self.tree()
        #expect(tree.device(at: "AA", of: Self.hci) == Self.device)
        #expect(tree.advertisement(of: Self.device)?.rssi == nil)
    }

    @Test("takes an added device for heard, and added twice for added once")
    func addedTwice() {
        var tree = BlueZTree([Self.hci: Self.adapter("00:01")])
        let signal = Self.added(Self.device, [BlueZName.device: ["Address": .string("AA"), "RSSI": .int16(-40)]])
        #expect(tree.apply(signal) == [.added(device: Self.device), .heard(device: Self.device)])
        #expect(tree.apply(signal) == [.heard(device: Self.device)])
        #expect(tree.advertisement(of: Self.device)?.rssi == -40)
    }

    @Test("takes changes that come with advertisements for signs of life, and no others")
    func signs() {
        var tree = Self.tree()
        let heard = tree.apply(Self.changed(Self.device, BlueZName.device, ["RSSI": .int16(-40)]))
        let other = tree.apply(Self.changed(Self.device, BlueZName.device, ["Trusted": .bool(true)]))
        _ = tree.apply(Self.changed(Self.device, BlueZName.device, ["Connected": .bool(true)]))
        let resolved = tree.apply(Self.changed(Self.device, BlueZName.device, ["UUIDs": .strings([])]))
        #expect(heard == [.heard(device: Self.device)])
        #expect(other.isEmpty)
        #expect(resolved.isEmpty)
    }

    @Test("forgets what is invalidated")
    func invalidated() {
        var tree = Self.tree()
        _ = tree.apply(Self.changed(Self.device, BlueZName.device, ["RSSI": .int16(-40)]))
        _ = tree.apply(Self.changed(Self.device, BlueZName.device, [:], gone: ["RSSI"]))
        #expect(tree.advertisement(of: Self.device)?.rssi == nil)
    }

    @Test("knows nothing of an unknown object's changes, and of malformed signals")
    func unknown() {
        var tree = Self.tree()
        #expect(tree.apply(Self.changed("/org/bluez/hci0/dev_BB", BlueZName.device, ["RSSI": .int16(-4)])).isEmpty)
        #expect(!tree.hasDevice("/org/bluez/hci0/dev_BB"))
        for member in ["InterfacesAdded", "InterfacesRemoved", "PropertiesChanged", "Odd"] {
            for interface in [BlueZName.objectManager, BlueZName.properties] {
                let signal = BusSignal(
                    sender: ":1.2", path: "/", interface: interface, member: member, arguments: [.string("x")])
                #expect(tree.apply(signal).isEmpty)
            }
        }
    }

    @Test("forgets removed objects, and that their links are gone")
    func removedObjects() {
        var tree = Self.tree()
        let changes = tree.apply(Self.removed(Self.device, [BlueZName.device, "org.bluez.Battery1"]))
        #expect(changes == [.disconnected(device: Self.device), .removed(device: Self.device)])
        #expect(tree.objects.count == 1)
        #expect(tree.apply(Self.removed(Self.device, [BlueZName.device])).isEmpty)
    }

    @Test("chooses the adapter that can be a central and is powered, by its address")
    func adapters() {
        let tree = BlueZTree([
            "/org/bluez/hci0": Self.adapter("00:03", roles: ["peripheral"]),
            "/org/bluez/hci1": Self.adapter("00:01", isPowered: false, roles: ["central"]),
            "/org/bluez/hci3": Self.adapter("00:04", roles: ["central"]),
            "/org/bluez/hci4": Self.adapter("00:02"),
        ])
        #expect(tree.adapter?.path == "/org/bluez/hci4")
        let off = BlueZTree(["/org/bluez/hci0": Self.adapter("00:03", isPowered: false)])
        #expect(off.adapter?.isPowered == false)
        #expect(BlueZTree().adapter == nil)
    }

    @Test("reads an advertisement, whatever is wrong in parts of it")
    func advertisement() {
        var tree = Self.tree()
        let data = BusValue.dictionary([.uint16(0x02E5): .variant(.bytes([7]))], key: "q", value: "v")
        _ = tree.apply(
            Self.changed(
                Self.device, BlueZName.device,
                [
                    "Name": .string("SH_1"), "RSSI": .int16(-44), "UUIDs": .strings(["fff0", "nonsense"]),
                    "ServiceData": .properties(["fff0": .bytes([1, 2]), "x": .bytes([]), "fff1": .string("s")]),
                    "ManufacturerData": data,
                ]))
        let advertisement = tree.advertisement(of: Self.device)
        #expect(advertisement?.name == "SH_1")
        #expect(advertisement?.serviceUUIDs == [GATTUUID(short: 0xFFF0)])
        #expect(advertisement?.serviceData == [GATTUUID(short: 0xFFF0): [1, 2]])
        #expect(advertisement?.manufacturerData == [0x02E5: [7]])
    }

    @Test("finds characteristics with their service, and their descriptors")
    func characteristics() {
        var tree = Self.tree()
        let service = Self.device + "/service000e"
        let path = service + "/char000f"
        let characteristic: [String: BusValue] = [
            "UUID": .string("FFF1"), "Service": .objectPath(service), "Flags": .strings(["read", "write", "odd"]),
        ]
        _ = tree.apply(Self.added(path, [BlueZName.characteristic: characteristic]))
        // Not before its service is there.
        #expect(tree.characteristics(of: Self.device).isEmpty)
        _ = tree.apply(Self.added(service, [BlueZName.gattService: ["UUID": .string("fff0")]]))
        _ = tree.apply(Self.added(path + "/desc0010", [BlueZName.descriptor: ["UUID": .string("2901")]]))
        let found = tree.characteristics(of: Self.device)
        #expect(found.map(\.path) == [path])
        #expect(found.first?.characteristic.flags == [.read, .write])
        #expect(tree.descriptor(GATTUUID(short: 0x2901), of: path) == path + "/desc0010")
        let told = tree.apply(Self.changed(path, BlueZName.characteristic, ["Value": .bytes([1])]))
        #expect(told == [.value(characteristic: path, [1])])
        #expect(BlueZObjects.device(of: path) == Self.device)
    }
}
