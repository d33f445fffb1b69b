internal import CDBus

extension BusMessage {
    /// The arguments, copied out. libdbus has checked them: names, UTF-8, sizes, and no more than 64 levels.
    var arguments: [BusValue] {
        var place = DBusMessageIter()
        guard dbus_message_iter_init(self.pointer, &place) != 0 else { return [] }
        return Self.values(at: &place)
    }

    /// All values from here to the end of the container.
    private static func values(at place: inout DBusMessageIter) -> [BusValue] {
        var values: [BusValue] = []
        while dbus_message_iter_get_arg_type(&place) != BusType.invalid {
            if let value = Self.value(at: &place) { values.append(value) }
            dbus_message_iter_next(&place)
        }
        return values
    }

    /// nil for a type that this library does not know, which D-Bus does not have.
    private static func value(at place: inout DBusMessageIter) -> BusValue? {
        let type = dbus_message_iter_get_arg_type(&place)
        switch type {
        case BusType.array: return Self.array(at: &place)
        case BusType.structure: return .structure(Self.content(of: &place))
        case BusType.variant: return Self.content(of: &place).first.map { .variant($0) }
        default: break
        }
        guard dbus_type_is_basic(type) != 0 else { return nil }
        var basic = DBusBasicValue()
        dbus_message_iter_get_basic(&place, &basic)
        switch type {
        case BusType.byte: return .byte(basic.byt)
        case BusType.bool: return .bool(basic.bool_val != 0)
        case BusType.int16: return .int16(basic.i16)
        case BusType.uint16: return .uint16(basic.u16)
        case BusType.int32: return .int32(basic.i32)
        case BusType.uint32: return .uint32(basic.u32)
        case BusType.int64: return .int64(Int64(basic.i64))
        case BusType.uint64: return .uint64(UInt64(basic.u64))
        case BusType.double: return .double(basic.dbl)
        case BusType.string: return .string(Self.text(basic))
        case BusType.objectPath: return .objectPath(Self.text(basic))
        case BusType.signature: return .signature(Self.text(basic))
        // -1 where the process has no descriptor to spare.
        case BusType.descriptor: return .descriptor(BusDescriptor(owning: basic.fd))
        default: return nil
        }
    }

    private static func text(_ basic: DBusBasicValue) -> String {
        basic.str.map { String(cString: $0) } ?? ""
    }

    private static func content(of place: inout DBusMessageIter) -> [BusValue] {
        var inner = DBusMessageIter()
        dbus_message_iter_recurse(&place, &inner)
        return Self.values(at: &inner)
    }

    private static func array(at place: inout DBusMessageIter) -> BusValue {
        let element = dbus_message_iter_get_element_type(&place)
        guard element != BusType.byte else { return .bytes(Self.bytes(at: &place)) }
        let type = Self.elementSignature(at: &place)
        guard element == BusType.entry else { return .array(Self.content(of: &place), of: type) }
        // `{sv}`: a key is always one letter.
        let key = String(type.dropFirst().prefix(1))
        let value = String(type.dropFirst(2).dropLast())
        return .dictionary(Self.entries(at: &place), key: key, value: value)
    }

    private static func entries(at place: inout DBusMessageIter) -> [BusValue: BusValue] {
        var entries: [BusValue: BusValue] = [:]
        var inner = DBusMessageIter()
        dbus_message_iter_recurse(&place, &inner)
        while dbus_message_iter_get_arg_type(&inner) == BusType.entry {
            let entry = Self.content(of: &inner)
            if entry.count == 2 { entries[entry[0]] = entry[1] }
            dbus_message_iter_next(&inner)
        }
        return entries
    }

    private static func bytes(at place: inout DBusMessageIter) -> [UInt8] {
        var inner = DBusMessageIter()
        dbus_message_iter_recurse(&place, &inner)
        var start: UnsafePointer<UInt8>?
        var count: Int32 = 0
        guard dbus_message_iter_get_arg_type(&inner) == BusType.byte else { return [] }
        dbus_message_iter_get_fixed_array(&inner, &start, &count)
        return Array(UnsafeBufferPointer(start: start, count: Int(count)))
    }

    /// What an array has, also an empty one: its own signature without the first letter.
    private static func elementSignature(at place: inout DBusMessageIter) -> String {
        guard let text = dbus_message_iter_get_signature(&place) else { return "" }
        defer { dbus_free(text) }
        return String(cString: text + 1)
    }
}
