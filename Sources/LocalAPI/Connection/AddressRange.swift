/// A machine, or a network of them: `10.0.0.7`, `10.0.0.0/24`, `fd00::7`, `fd00::/64` (contract 6, MQTT_AUTH_ALLOW).
public struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    /// What a text must be, for messages to people.
    public static let rule = "an address such as 10.0.0.7 or fd00::7, or a network such as 10.0.0.0/24 or fd00::/64"

    /// As it was written.
    public let description: String
    /// What the addresses have in common.
    private let network: UInt64
    private let machine: UInt64
    /// In how many bits of both together.
    private let prefix: Int

    /// `nil` for anything but an address without a zone, or one with `/` and how many of its bits count.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard !text.contains("%"), let address = IPAddress(literal: parts[0]) else { return nil }
        // An IPv4 address is kept behind the 96 bits that IPv6 writes before it.
        let width = parts[0].contains(":") ? 128 : 32
        var length = width
        if parts.count > 1 {
            guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy(Self.isDigit),
                let given = Int(parts[1]), given <= width
            else { return nil }
            length = given
        }
        self.description = text
        self.prefix = 128 - width + length
        self.network = address.network & Self.mask(self.prefix)
        self.machine = address.machine & Self.mask(self.prefix - 64)
    }

    func contains(_ address: IPAddress) -> Bool {
        address.network & Self.mask(self.prefix) == self.network
            && address.machine & Self.mask(self.prefix - 64) == self.machine
    }

    /// The first bits of 64.
    private static func mask(_ count: Int) -> UInt64 {
        count <= 0 ? 0 : .max << max(0, 64 - count)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
