/// Which signals one wants; all that is given must hold (D-Bus specification, Match Rules).
public struct BusMatch: Sendable, Hashable {
    /// Who sends it. With a well-known name, such as `org.bluez`: whoever has that name when the signal comes.
    public var sender: String?
    public var path: String?
    /// The path, or one below it.
    public var pathNamespace: String?
    public var interface: String?
    public var member: String?
    /// The first argument, a string.
    public var firstArgument: String?

    public init(
        sender: String? = nil, path: String? = nil, pathNamespace: String? = nil, interface: String? = nil,
        member: String? = nil, firstArgument: String? = nil
    ) {
        self.sender = sender
        self.path = path
        self.pathNamespace = pathNamespace
        self.interface = interface
        self.member = member
        self.firstArgument = firstArgument
    }
}
