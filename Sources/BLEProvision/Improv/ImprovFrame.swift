import StationCore

/// One packet of Improv: `[command, length, data…, sum & 0xFF]`, where the data is a row of strings with a byte of
/// length each.
struct ImprovFrame: Sendable, Hashable {
    /// What can be wrong with a packet that was received.
    enum Fault: Error, Sendable, Hashable {
        /// More is to come than is there: notifications are cut to the MTU, a read brings the rest.
        case truncated
        case malformed(String)
    }

    /// The smallest payload of a link (MTU 23): longer packets are written in parts of it, and the device joins them
    /// until the length fits.
    static let partLength = 20

    let command: UInt8
    let strings: [[UInt8]]

    init(_ command: ImprovCommand, _ strings: [[UInt8]] = []) {
        self.command = command.rawValue
        self.strings = strings
    }

    /// Reads a packet; bytes that follow it are ignored, as a device may have left them from a longer one.
    init(reading bytes: [UInt8]) throws(Fault) {
        guard bytes.count >= 3 else { throw .truncated }
        let end = 2 + Int(bytes[1])
        guard bytes.count > end else { throw .truncated }
        guard bytes[..<end].reduce(0, &+) == bytes[end] else { throw .malformed("wrong checksum") }
        var strings: [[UInt8]] = []
        var position = 2
        while position < end {
            let next = position + 1 + Int(bytes[position])
            guard next <= end else { throw .malformed("a string is longer than its packet") }
            strings.append(Array(bytes[(position + 1)..<next]))
            position = next
        }
        self.command = bytes[0]
        self.strings = strings
    }

    var bytes: [UInt8] {
        let data = self.strings.flatMap { [UInt8(clamping: $0.count)] + $0 }
        let packet = [self.command, UInt8(clamping: data.count)] + data
        return packet + [packet.reduce(0, &+)]
    }

    /// The packet in writes of at most `partLength` bytes.
    var parts: [[UInt8]] {
        let bytes = self.bytes
        return stride(from: 0, to: bytes.count, by: Self.partLength).map { start in
            Array(bytes[start..<min(start + Self.partLength, bytes.count)])
        }
    }

    static func wifiSettings(_ order: ProvisioningOrder) -> ImprovFrame {
        ImprovFrame(.sendWiFiSettings, [order.wifi.ssid, order.passwordBytes])
    }
}
