import NIOCore

/// The names under which the station may be spoken to (contract 7: exactly one `Host`, and it must be the station's).
///
/// A web page elsewhere can make its own name point to the station and so speak to it as if it were its own site ("DNS
/// rebinding"); what gives it away is that name. Addresses cannot be claimed in this way, but only that one is taken at
/// which the station was really reached.
public struct StationNames: Sendable, Hashable, CustomStringConvertible {
    private let names: [String]
    private let addresses: [IPAddress]

    /// - Parameter names: Names and addresses besides `localhost` and those of the machine; an empty one and the address
    ///   of "everywhere" are nobody's name and left out.
    public init(_ names: [String] = []) {
        var known = ["localhost"]
        var addresses: [IPAddress] = []
        for name in names {
            if let address = IPAddress(literal: name) {
                if !address.isUnspecified { addresses.append(address) }
            } else if let name = HostField(name)?.name, !known.contains(name) {
                known.append(name)
            }
        }
        self.names = known
        self.addresses = addresses
    }

    /// Whether a host of a request is the station's.
    ///
    /// - Parameter local: The station's end of the connection.
    func contains(_ host: HostField, reachedAt local: SocketAddress?) -> Bool {
        guard let address = host.address else { return self.names.contains(host.name) }
        guard let local = IPAddress(local) else { return address.isLoopback }
        return address == local || address.isLoopback && local.isLoopback || self.addresses.contains(address)
    }

    public var description: String { self.names.map { "“\($0)”" }.joined(separator: ", ") }
}
