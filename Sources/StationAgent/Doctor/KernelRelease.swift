/// A kernel's release, such as `6.1.0-13-arm64` or `6.12.34+rpt-rpi-v8`.
struct KernelRelease: Sendable, Hashable, CustomStringConvertible {
    let description: String
    private let major: Int
    private let minor: Int

    init?(_ text: String) {
        let numbers = text.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        guard text.first?.isNumber == true, numbers.count == 2 else { return nil }
        (self.major, self.minor) = (numbers[0], numbers[1])
        self.description = text
    }

    /// Whether a connection over Bluetooth LE that times out may bring the kernel to a fault (a use after free in
    /// `hci_chan_del`) that takes `bluetoothd` with it: seen in all of 6.1, not in 6.12.
    var mayFailOnConnecting: Bool { self.major == 6 && self.minor == 1 }

    /// How to come to another one.
    var remedy: String {
        // Kernels of Raspberry Pi OS: 6.1.21-v8+, 6.1.0-rpi8-rpi-v8, 6.6.31+rpt-rpi-2712.
        if ["rpi", "-v7", "-v8"].contains(where: { self.description.contains($0) }) {
            return "sudo apt update && sudo apt full-upgrade && sudo reboot"
        }
        return "sudo apt install linux-image-6.12-\(Self.architecture) && sudo reboot"
    }

    /// As Debian calls it.
    private static var architecture: String {
        #if arch(arm64)
        "arm64"
        #elseif arch(x86_64)
        "amd64"
        #else
        "armmp"
        #endif
    }
}
