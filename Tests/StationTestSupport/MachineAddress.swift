import NIOCore
import NIOPosix

/// The addresses under which others reach this machine.
public enum MachineAddress {
    /// An IPv4 address that is not the loopback's; `nil` on a machine without a network.
    public static let lan: String? = {
        let devices = (try? System.enumerateDevices()) ?? []
        return devices.compactMap(\.address).first { address in
            guard case .v4 = address, let text = address.ipAddress else { return false }
            return !text.hasPrefix("127.")
        }?.ipAddress
    }()
}
