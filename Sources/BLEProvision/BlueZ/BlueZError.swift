/// What BlueZ, the bus or our own patience made of a call: one table from error names to what they mean.
///
/// Names and texts are BlueZ 5.66's (doc/*-api.txt, src/error.c); what is to be done about them is `ConnectPolicy`'s.
struct BlueZError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What an error means, as far as anybody acts on it differently.
    enum Cause: Sendable, Hashable {
        /// Somebody's operation is under way, or the adapter comes up: ask again soon.
        case busy
        /// The attempt to connect was broken off on our side, mostly by interference.
        case linkAborted
        /// The attempt to connect failed otherwise.
        case connectFailed
        /// Nothing came within our own deadline.
        case timedOut
        /// BlueZ tried classic Bluetooth instead of LE.
        case wrongBearer
        /// BlueZ does not know the device (any more).
        case deviceGone
        /// What was asked for is the case already.
        case alreadyDone
        /// The link is gone.
        case notConnected
        /// Connected, but the services were not resolved in time.
        case servicesNotResolved
        /// The services were resolved, and the needed one is not among them: BlueZ's cache may be stale.
        case servicesMissing
        /// The connection to the bus is gone.
        case busLost
        /// Nobody owns `org.bluez`.
        case noBluetoothd
        /// The adapter is unplugged or switched off.
        case noAdapter
        /// By a switch (rfkill).
        case blocked
        /// The bus or polkit does not let us.
        case accessDenied
        /// The device wants to be paired, and pairing failed.
        case pairing
        /// The device answered with an ATT error code.
        case attribute(UInt8)
        /// The waiting task was cancelled.
        case cancelled
        /// Anything else.
        case failed
    }

    let cause: Cause
    /// What was said, for `detail` and the log; never what was written to a device.
    let detail: String

    init(_ cause: Cause, _ detail: String) {
        self.cause = cause
        self.detail = detail
    }

    /// Reads an error reply.
    init(name: String, message: String) {
        let known = Self.bluez[name] ?? Self.bus[name]
        let cause: Cause =
            switch known {
            case nil, .failed?: Self.cause(ofText: message) ?? .failed
            case .some(let cause): cause
            }
        self.init(cause, message.isEmpty ? name : "\(name): \(message.trimmedLine)")
    }

    var description: String { self.detail }

    /// Errors of BlueZ itself. Those that it makes of ATT codes get their code back (src/gatt-client.c,
    /// `create_gatt_dbus_error`).
    private static let bluez: [String: Cause] = [
        "org.bluez.Error.InProgress": .busy,
        "org.bluez.Error.NotReady": .busy,
        "org.bluez.Error.Failed": .failed,
        "org.bluez.Error.NotAvailable": .failed,
        "org.bluez.Error.Blocked": .blocked,
        "org.bluez.Error.AlreadyConnected": .alreadyDone,
        "org.bluez.Error.AlreadyExists": .alreadyDone,
        "org.bluez.Error.NotConnected": .notConnected,
        "org.bluez.Error.DoesNotExist": .deviceGone,
        "org.bluez.Error.ConnectionAttemptFailed": .connectFailed,
        "org.bluez.Error.NotPermitted": .attribute(0x03),
        "org.bluez.Error.InvalidOffset": .attribute(0x07),
        "org.bluez.Error.NotAuthorized": .attribute(0x08),
        "org.bluez.Error.InvalidValueLength": .attribute(0x0D),
        "org.bluez.Error.NotSupported": .attribute(0x06),
        "org.bluez.Error.AuthenticationFailed": .pairing,
        "org.bluez.Error.AuthenticationCanceled": .pairing,
        "org.bluez.Error.AuthenticationRejected": .pairing,
        "org.bluez.Error.AuthenticationTimeout": .pairing,
    ]

    /// Errors of the bus and of libdbus (dbus-protocol.h).
    private static let bus: [String: Cause] = [
        "org.freedesktop.DBus.Error.UnknownObject": .deviceGone,
        "org.freedesktop.DBus.Error.UnknownMethod": .deviceGone,
        "org.freedesktop.DBus.Error.UnknownInterface": .deviceGone,
        "org.freedesktop.DBus.Error.ServiceUnknown": .noBluetoothd,
        "org.freedesktop.DBus.Error.NameHasNoOwner": .noBluetoothd,
        "org.freedesktop.DBus.Error.AccessDenied": .accessDenied,
        "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired": .accessDenied,
        "org.freedesktop.DBus.Error.NoReply": .timedOut,
        "org.freedesktop.DBus.Error.Timeout": .timedOut,
        "org.freedesktop.DBus.Error.TimedOut": .timedOut,
        "org.freedesktop.DBus.Error.Disconnected": .busLost,
        "org.freedesktop.DBus.Error.NoServer": .busLost,
    ]

    /// What stands in the text of a `Failed` (src/error.h; older versions put `strerror` there).
    private static func cause(ofText text: String) -> Cause? {
        if let code = attributeCode(in: text) { return .attribute(code) }
        let tokens: [(String, Cause)] = [
            ("le-connection-abort-by-local", .linkAborted), ("br-connection-canceled", .linkAborted),
            ("Software caused connection abort", .linkAborted),
            ("profile-unavailable", .wrongBearer), ("br-connection-", .wrongBearer),
            ("le-connection-", .connectFailed),
            ("Not connected", .notConnected), ("Connection reset by peer", .notConnected),
            ("Operation already in progress", .busy), ("Resource Not Ready", .busy),
        ]
        return tokens.first { text.contains($0.0) }?.1
    }

    /// `Operation failed with ATT error: 0x0e` (src/gatt-client.c).
    private static func attributeCode(in text: String) -> UInt8? {
        guard let mark = text.firstRange(of: "ATT error: 0x") else { return nil }
        return UInt8(text[mark.upperBound...].prefix(while: \.isHexDigit), radix: 16)
    }
}

extension String {
    /// Without the line break that BlueZ's and libdbus' texts end with.
    fileprivate var trimmedLine: String {
        String(self.reversed().drop(while: \.isWhitespace).reversed())
    }
}
