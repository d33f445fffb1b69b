/// The state of the radio by which new devices are found (contract 5, "Scan life-cycle").
public enum ProvisioningAdapter: String, Sendable, Hashable, CaseIterable {
    case ready
    case poweredOff = "powered_off"
    case absent
    case noBluetoothd = "no_bluetoothd"
    /// By a switch (rfkill).
    case blocked
}
