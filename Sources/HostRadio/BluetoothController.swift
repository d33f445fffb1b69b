internal import CBluetooth
internal import Glibc

/// A Bluetooth controller as the kernel has it, whether or not `bluetoothd` is there to use it.
public struct BluetoothController: Sendable, Hashable {
    /// Such as `hci0`.
    public let name: String
    /// Such as `DC:A6:32:01:02:03`; zeros where the controller has none yet.
    public let address: String
    /// How it is wired, in the words of BlueZ: `UART`, `USB`, `Virtual`, …
    public let wiring: String
    /// Whether it is powered.
    public let isUp: Bool

    public init(name: String, address: String, wiring: String, isUp: Bool) {
        self.name = name
        self.address = address
        self.wiring = wiring
        self.isUp = isUp
    }

    init(_ info: hci_dev_info) {
        self.name = withUnsafeBytes(of: info.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        // Six pairs of digits, five colons and a zero.
        var text = [CChar](repeating: 0, count: 18)
        _ = withUnsafePointer(to: info.bdaddr) { ba2str($0, &text) }
        self.address = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // The upper half of the byte is the kind of controller.
        self.wiring = hci_bustostr(Int32(info.type & 0x0f)).map { String(cString: $0) } ?? "unknown"
        self.isUp = info.flags & (1 << UInt32(HCI_UP)) != 0
    }
}
