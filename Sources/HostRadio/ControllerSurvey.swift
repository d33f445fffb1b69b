internal import CBluetooth
internal import Glibc

/// Which Bluetooth controllers the kernel has: asked of itself, so that it is known without D-Bus and `bluetoothd`.
public enum ControllerSurvey: Sendable, Hashable {
    /// The kernel knows no Bluetooth: not built with it, or its module cannot be loaded.
    case noBluetooth
    /// Perhaps none.
    case controllers([BluetoothController])
    /// The kernel does not say, such as to a process that may not ask.
    case failed(String)

    /// Looks now. It needs no rights, but a process that may have sockets of the family Bluetooth.
    public static func take() -> ControllerSurvey {
        var found: [BluetoothController] = []
        // The kernel has no list without holes, and BlueZ looks no further either.
        for number in 0..<Int32(HCI_MAX_DEV) {
            var info = hci_dev_info()
            if hci_devinfo(number, &info) >= 0 {
                found.append(BluetoothController(info))
                continue
            }
            switch errno {
            case ENODEV: continue
            case EAFNOSUPPORT, EPROTONOSUPPORT: return .noBluetooth
            default: return .failed(String(cString: strerror(errno)))
            }
        }
        return .controllers(found)
    }
}
