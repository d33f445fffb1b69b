internal import CDBus

/// One message of libdbus. Confined to the loop's thread.
final class BusMessage {
    enum Kind: Int32 {
        case call = 1
        case reply = 2
        case error = 3
        case signal = 4
    }

    let pointer: OpaquePointer

    /// Takes the reference over.
    init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    private init(_ kind: Kind) throws(BusError) {
        guard let pointer = dbus_message_new(kind.rawValue) else { throw Self.noMemory }
        self.pointer = pointer
    }

    deinit {
        dbus_message_unref(self.pointer)
    }

    convenience init(_ call: BusCall, expectsReply: Bool = true) throws(BusError) {
        try BusName.check(.bus, call.destination)
        try BusName.check(.path, call.path)
        try BusName.check(.interface, call.interface)
        try BusName.check(.member, call.member)
        try self.init(.call)
        try self.set(dbus_message_set_destination(self.pointer, call.destination))
        try self.set(dbus_message_set_path(self.pointer, call.path))
        try self.set(dbus_message_set_interface(self.pointer, call.interface))
        try self.set(dbus_message_set_member(self.pointer, call.member))
        dbus_message_set_no_reply(self.pointer, expectsReply ? 0 : 1)
        dbus_message_set_auto_start(self.pointer, call.startsService ? 1 : 0)
        try self.append(call.arguments)
    }

    convenience init(
        signalOf path: String, _ interface: String, _ member: String, _ arguments: [BusValue]
    ) throws(BusError) {
        try BusName.check(.path, path)
        try BusName.check(.interface, interface)
        try BusName.check(.member, member)
        try self.init(.signal)
        try self.set(dbus_message_set_path(self.pointer, path))
        try self.set(dbus_message_set_interface(self.pointer, interface))
        try self.set(dbus_message_set_member(self.pointer, member))
        try self.append(arguments)
    }

    convenience init(replyTo address: ReplyAddress, _ values: [BusValue]) throws(BusError) {
        try self.init(.reply)
        try self.direct(to: address)
        try self.append(values)
    }

    /// A name or a text that D-Bus does not allow is put right: an error must get through.
    convenience init(errorTo address: ReplyAddress, _ error: BusError) throws(BusError) {
        try self.init(.error)
        try self.direct(to: address)
        let name = BusName.isValid(.error, error.name) ? error.name : BusErrorName.failed
        try self.set(dbus_message_set_error_name(self.pointer, name))
        try self.append([.string(String(error.message.unicodeScalars.filter { $0 != "\0" }.prefix(1024)))])
    }

    private func direct(to address: ReplyAddress) throws(BusError) {
        try BusName.check(.bus, address.peer)
        try self.set(dbus_message_set_destination(self.pointer, address.peer))
        try self.set(dbus_message_set_reply_serial(self.pointer, address.serial))
        dbus_message_set_no_reply(self.pointer, 1)
    }

    private func set(_ answer: dbus_bool_t) throws(BusError) {
        guard answer != 0 else { throw Self.noMemory }
    }

    static let noMemory = BusError.invalid(detail: "the message cannot be built: no memory, or no more descriptors")

    // MARK: - The header

    var kind: Kind? { Kind(rawValue: dbus_message_get_type(self.pointer)) }
    var serial: UInt32 { dbus_message_get_serial(self.pointer) }
    /// Of a reply or an error: the serial of the call.
    var replySerial: UInt32 { dbus_message_get_reply_serial(self.pointer) }
    var wantsReply: Bool { dbus_message_get_no_reply(self.pointer) == 0 }
    var sender: String? { Self.text(dbus_message_get_sender(self.pointer)) }
    var path: String? { Self.text(dbus_message_get_path(self.pointer)) }
    var interface: String? { Self.text(dbus_message_get_interface(self.pointer)) }
    var member: String? { Self.text(dbus_message_get_member(self.pointer)) }
    var errorName: String? { Self.text(dbus_message_get_error_name(self.pointer)) }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String? {
        pointer.map { String(cString: $0) }
    }
}
