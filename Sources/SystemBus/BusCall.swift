/// A method call.
public struct BusCall: Sendable, Hashable {
    /// The name on the bus, such as `org.bluez`, or the unique one of a peer.
    public var destination: String
    public var path: String
    public var interface: String
    public var member: String
    public var arguments: [BusValue]
    /// Whether the bus starts the service if it is not running and if it knows how.
    public var startsService: Bool

    public init(
        _ destination: String, path: String, interface: String, member: String, arguments: [BusValue] = [],
        startsService: Bool = true
    ) {
        self.destination = destination
        self.path = path
        self.interface = interface
        self.member = member
        self.arguments = arguments
        self.startsService = startsService
    }
}

extension BusCall: CustomStringConvertible {
    /// Without the arguments, which may be secrets.
    public var description: String { "\(self.interface).\(self.member) of \(self.destination)\(self.path)" }
}
