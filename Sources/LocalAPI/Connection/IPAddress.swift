import Glibc
import NIOCore

/// The address of a machine; IPv4 is kept as IPv6 writes it (`::ffff:a.b.c.d`), so that both notations are equal.
struct IPAddress: Sendable, Hashable {
    /// The half that names the network.
    let network: UInt64
    /// The half that names the machine in it.
    let machine: UInt64

    private init(network: UInt64, machine: UInt64) {
        self.network = network
        self.machine = machine
    }

    /// `nil` for what is no address of the Internet Protocol, such as a Unix socket's.
    init?(_ address: SocketAddress?) {
        guard let text = address?.ipAddress else { return nil }
        self.init(literal: text)
    }

    /// Reads the one notation of each family that browsers use: `10.0.0.7`, `fe80::1`; a zone (`%eth0`) says nothing.
    init?(literal text: some StringProtocol) {
        let text = String(text.prefix { $0 != "%" })
        var bytes = [UInt8](repeating: 0, count: 16)
        if text.contains(":") {
            guard inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
        } else {
            guard inet_pton(AF_INET, text, &bytes) == 1 else { return nil }
            bytes = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] + bytes[..<4]
        }
        let number = { (part: ArraySlice<UInt8>) in part.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        self.init(network: number(bytes[..<8]), machine: number(bytes[8...]))
    }

    private var isIPv4: Bool { self.network == 0 && self.machine >> 32 == 0xffff }

    var isLoopback: Bool {
        self.isIPv4 ? self.machine >> 24 & 0xff == 127 : self.network == 0 && self.machine == 1
    }

    /// Where a socket is bound that listens everywhere; nobody can be reached there.
    var isUnspecified: Bool { self.isIPv4 ? self.machine & 0xffff_ffff == 0 : self.network == 0 && self.machine == 0 }

    /// Who is counted as one peer by a station that was reached at `own`.
    ///
    /// In the Internet one customer has a whole IPv6 network and could come from each of its addresses. The station's
    /// own network is another matter: there one network is the whole household, and a guest must not be able to shut
    /// everybody else out.
    func peer(seenFrom own: IPAddress?) -> IPAddress {
        self.isIPv4 || self.network == own?.network ? self : IPAddress(network: self.network, machine: 0)
    }
}

extension IPAddress: CustomStringConvertible {
    /// As people write it; IPv6 in full, since it only has to be the same every time.
    var description: String {
        if self.isIPv4 {
            return stride(from: 24, through: 0, by: -8).map { String(self.machine >> UInt64($0) & 0xff) }
                .joined(separator: ".")
        }
        return [self.network, self.machine].flatMap { half in
            stride(from: 48, through: 0, by: -16).map { String(half >> UInt64($0) & 0xffff, radix: 16) }
        }.joined(separator: ":")
    }
}
