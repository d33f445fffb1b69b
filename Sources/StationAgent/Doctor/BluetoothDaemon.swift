import SystemBus

/// What D-Bus tells of `bluetoothd`.
enum BluetoothDaemon: Sendable, Hashable {
    struct Adapter: Sendable, Hashable {
        /// Such as `hci0`.
        let name: String
        let address: String
        let isPowered: Bool
    }

    struct Version: Sendable, Hashable, Comparable, CustomStringConvertible {
        let major: Int
        let minor: Int

        var description: String { "\(self.major).\(self.minor)" }

        static func < (one: Self, other: Self) -> Bool { (one.major, one.minor) < (other.major, other.minor) }
    }

    private static let service = "org.bluez"
    private static let adapterInterface = "org.bluez.Adapter1"
    /// How BlueZ names itself as a device: the Linux Foundation's number, its own product, its version in two bytes.
    private static let modaliasPrefix = "usb:v1D6Bp0246d"

    /// `version` is `nil` when it does not say, as without an adapter.
    case running(version: Version?, adapters: [Adapter])
    case stopped
    /// There is no D-Bus, or it does not let us.
    case unknown(String)

    /// Asks, without starting it.
    static func ask(_ bus: DoctorBus) async -> BluetoothDaemon {
        do throws(BusError) {
            guard try await bus.hasOwner(self.service) else { return .stopped }
            return Self(objects: try await bus.objects(of: self.service))
        } catch {
            return .unknown(error.message)
        }
    }

    init(objects: BusObjects) {
        var version: Version?
        var adapters: [Adapter] = []
        for (path, interfaces) in objects.sorted(by: { $0.key < $1.key }) {
            guard let adapter = interfaces[Self.adapterInterface] else { continue }
            version = version ?? adapter["Modalias"]?.string.flatMap { Self.version(modalias: $0) }
            adapters.append(
                Adapter(
                    name: path.split(separator: "/").last.map(String.init) ?? path,
                    address: adapter["Address"]?.string ?? "no address", isPowered: adapter["Powered"]?.bool ?? false
                )
            )
        }
        self = .running(version: version, adapters: adapters)
    }

    /// The version in such as `usb:v1D6Bp0246d0542`: 5.66. Whoever sets another DeviceID hides it.
    static func version(modalias: String) -> Version? {
        guard modalias.hasPrefix(Self.modaliasPrefix) else { return nil }
        let digits = modalias.dropFirst(Self.modaliasPrefix.count)
        guard digits.count == 4, let number = UInt16(digits, radix: 16) else { return nil }
        return Version(major: Int(number >> 8), minor: Int(number & 0xff))
    }
}
