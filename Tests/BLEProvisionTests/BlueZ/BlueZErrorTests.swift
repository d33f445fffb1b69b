import StationCore
import SystemBus
import Testing

@testable import BLEProvision

@Suite("Errors of BlueZ")
struct BlueZErrorTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let message: String
        let cause: BlueZError.Cause

        init(_ name: String, _ message: String, _ cause: BlueZError.Cause) {
            self.name = name
            self.message = message
            self.cause = cause
        }

        var testDescription: String { "\(self.name): \(self.message)" }
    }

    static let rows = [
        Row("org.bluez.Error.InProgress", "Operation already in progress", .busy),
        Row("org.bluez.Error.NotReady", "Resource Not Ready", .busy),
        Row("org.bluez.Error.Failed", "le-connection-abort-by-local", .linkAborted),
        Row("org.bluez.Error.Failed", "br-connection-canceled", .linkAborted),
        Row("org.bluez.Error.Failed", "Software caused connection abort", .linkAborted),
        Row("org.bluez.Error.Failed", "le-connection-refused", .connectFailed),
        Row("org.bluez.Error.Failed", "br-connection-profile-unavailable", .wrongBearer),
        Row("org.bluez.Error.NotAvailable", "br-connection-profile-unavailable", .wrongBearer),
        Row("org.bluez.Error.Failed", "Not connected", .notConnected),
        Row("org.bluez.Error.Failed", "Operation failed with ATT error: 0x0e", .attribute(0x0E)),
        Row("org.bluez.Error.Failed", "Operation failed with ATT error: 0x80", .attribute(0x80)),
        Row("org.bluez.Error.Failed", "who knows", .failed),
        Row("org.bluez.Error.NotPermitted", "Write not permitted", .attribute(0x03)),
        Row("org.bluez.Error.NotSupported", "Operation is not supported", .attribute(0x06)),
        Row("org.bluez.Error.InvalidValueLength", "Invalid Length", .attribute(0x0D)),
        Row("org.bluez.Error.AlreadyConnected", "Already Connected", .alreadyDone),
        Row("org.bluez.Error.Blocked", "Blocked through rfkill", .blocked),
        Row("org.bluez.Error.DoesNotExist", "Does Not Exist", .deviceGone),
        Row("org.bluez.Error.AuthenticationFailed", "Authentication Failed", .pairing),
        Row("org.freedesktop.DBus.Error.UnknownObject", "Method \"Connect\" doesn't exist\n", .deviceGone),
        Row("org.freedesktop.DBus.Error.ServiceUnknown", "The name was not provided", .noBluetoothd),
        Row("org.freedesktop.DBus.Error.AccessDenied", "Rejected send message", .accessDenied),
        Row("org.freedesktop.DBus.Error.NoReply", "Did not receive a reply", .timedOut),
        Row("net.example.Odd", "", .failed),
    ]

    @Test("are read by name and text", arguments: Self.rows)
    func cause(row: Row) {
        let error = BlueZError(BusError.remote(name: row.name, message: row.message))
        #expect(error.cause == row.cause)
        #expect(error.detail.hasPrefix(row.name))
        #expect(!error.detail.hasSuffix("\n"))
    }

    @Test("keep what went wrong on our side apart")
    func own() {
        #expect(BlueZError(BusError.timedOut(what: "x")).cause == .timedOut)
        #expect(BlueZError(BusError.cancelled).cause == .cancelled)
        #expect(BlueZError(BusError.disconnected(detail: "x")).cause == .busLost)
        #expect(BlueZError(BusError.closed).cause == .busLost)
        #expect(BlueZError(BusError.congested).cause == .failed)
    }

    @Test("become what a dialect understands, the raw text in the detail")
    func gatt() {
        let unlikely = BlueZError(
            name: "org.bluez.Error.Failed", message: "Operation failed with ATT error: 0x0e")
        #expect(GATTError(unlikely).kind == .unlikely)
        #expect(GATTError(unlikely).detail.contains("ATT error: 0x0e"))
        #expect(GATTError(BlueZError(.attribute(0x80), "x")).kind == .attribute(0x80))
        #expect(GATTError(BlueZError(.notConnected, "x")).kind == .disconnected)
        #expect(GATTError(BlueZError(.noBluetoothd, "x")).kind == .unavailable)
    }
}
