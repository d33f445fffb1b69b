internal import Glibc

/// A file descriptor that came over the bus or is to be sent; closed with the last reference.
public final class BusDescriptor: Sendable, Hashable {
    /// Valid for as long as this object lives.
    public let rawValue: Int32

    /// Takes a descriptor over: it is closed with this object.
    public init(owning descriptor: Int32) {
        self.rawValue = descriptor
    }

    deinit {
        close(self.rawValue)
    }

    public static func == (one: BusDescriptor, other: BusDescriptor) -> Bool { one === other }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(self))
    }
}
