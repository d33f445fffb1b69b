/// Names of errors that the bus itself, and libdbus, use (D-Bus specification; `dbus-protocol.h`).
public enum BusErrorName {
    /// Anything else.
    public static let failed = "org.freedesktop.DBus.Error.Failed"
    /// The policy of the bus forbids it.
    public static let accessDenied = "org.freedesktop.DBus.Error.AccessDenied"
    /// The connection is gone.
    public static let disconnected = "org.freedesktop.DBus.Error.Disconnected"
    /// Not the arguments that the method takes.
    public static let invalidArguments = "org.freedesktop.DBus.Error.InvalidArgs"
    /// Too much of something.
    public static let limitsExceeded = "org.freedesktop.DBus.Error.LimitsExceeded"
    /// Nobody has the name.
    public static let nameHasNoOwner = "org.freedesktop.DBus.Error.NameHasNoOwner"
    /// The peer left without an answer, or the limit of the bus is over.
    public static let noReply = "org.freedesktop.DBus.Error.NoReply"
    /// No bus listens at the address.
    public static let noServer = "org.freedesktop.DBus.Error.NoServer"
    /// Nobody has the name, and nothing can be started for it.
    public static let serviceUnknown = "org.freedesktop.DBus.Error.ServiceUnknown"
    /// The limit of this side is over.
    public static let timeout = "org.freedesktop.DBus.Error.Timeout"
    /// The object has no such interface.
    public static let unknownInterface = "org.freedesktop.DBus.Error.UnknownInterface"
    /// The object has no such method; BlueZ says so, too, of an interface that went.
    public static let unknownMethod = "org.freedesktop.DBus.Error.UnknownMethod"
    /// There is no such object.
    public static let unknownObject = "org.freedesktop.DBus.Error.UnknownObject"
}
