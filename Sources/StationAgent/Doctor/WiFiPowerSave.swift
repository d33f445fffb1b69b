import Glibc

/// Asks a Wi-Fi interface whether it saves power.
enum WiFiPowerSave {
    /// `SIOCGIWPOWER` of the wireless extensions, which the kernel answers for today's drivers too.
    private static let request: UInt = 0x8B2D
    /// Where the answer (`struct iw_param`: value, fixed, disabled, flags) begins, behind the interface's name.
    private static let answer = 16

    /// `nil` when the kernel does not say.
    static func state(of interface: String) -> Bool? {
        let name = Array(interface.utf8)
        guard name.count < Self.answer else { return nil }
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // `struct iwreq`: the name and a union of 16 bytes.
        var bytes = [UInt8](repeating: 0, count: 2 * Self.answer)
        bytes.replaceSubrange(0..<name.count, with: name)
        let outcome = bytes.withUnsafeMutableBytes { buffer -> Int32 in
            guard let address = buffer.baseAddress else { return -1 }
            return ioctl(descriptor, Self.request, address)
        }
        // Behind the value of 4 bytes: fixed, disabled.
        return outcome == 0 ? bytes[Self.answer + 5] == 0 : nil
    }
}
