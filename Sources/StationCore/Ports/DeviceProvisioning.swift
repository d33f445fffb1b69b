/// Finds factory-new devices and hands them their place in the household; Bluetooth LE is the way (contract 5).
public protocol DeviceProvisioning: Sendable {
    /// What can be done at this moment.
    var adapter: ProvisioningAdapter { get }
}

/// The state of the radio by which new devices are found (contract 5, "Scan life-cycle").
public enum ProvisioningAdapter: String, Sendable, Hashable, CaseIterable {
    case ready
    case poweredOff = "powered_off"
    case absent
    case noBluetoothd = "no_bluetoothd"
    case blocked
}

/// Where there is nothing to provision with.
public struct NoProvisioning: DeviceProvisioning {
    public let adapter = ProvisioningAdapter.noBluetoothd

    public init() {}
}
