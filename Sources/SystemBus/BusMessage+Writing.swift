internal import CDBus

extension BusMessage {
    /// Checks the values and appends them. After the check only a lack of memory can stop it.
    func append(_ values: [BusValue]) throws(BusError) {
        guard !values.isEmpty else { return }
        try BusValueCheck.check(values)
        var place = DBusMessageIter()
        dbus_message_iter_init_append(self.pointer, &place)
        for value in values { try Self.append(value, at: &place) }
    }

    private static func append(_ value: BusValue, at place: inout DBusMessageIter) throws(BusError) {
        switch value {
        case .byte(let value): try Self.append(value, BusType.byte, at: &place)
        case .bool(let value): try Self.append(dbus_bool_t(value ? 1 : 0), BusType.bool, at: &place)
        case .int16(let value): try Self.append(value, BusType.int16, at: &place)
        case .uint16(let value): try Self.append(value, BusType.uint16, at: &place)
        case .int32(let value): try Self.append(value, BusType.int32, at: &place)
        case .uint32(let value): try Self.append(value, BusType.uint32, at: &place)
        case .int64(let value): try Self.append(value, BusType.int64, at: &place)
        case .uint64(let value): try Self.append(value, BusType.uint64, at: &place)
        case .double(let value): try Self.append(value, BusType.double, at: &place)
        case .descriptor(let value): try Self.append(value.rawValue, BusType.descriptor, at: &place)
        case .string(let text): try Self.append(text, BusType.string, at: &place)
        case .objectPath(let text): try Self.append(text, BusType.objectPath, at: &place)
        case .signature(let text): try Self.append(text, BusType.signature, at: &place)
        case .bytes(let bytes): try Self.append(bytes, at: &place)
        case .array(let elements, let element):
            try Self.contain(BusType.array, element, at: &place) { (inner) throws(BusError) in
                for element in elements { try Self.append(element, at: &inner) }
            }
        case .dictionary(let entries, let key, let value):
            try Self.contain(BusType.array, "{\(key)\(value)}", at: &place) { (inner) throws(BusError) in
                for (key, value) in entries { try Self.append(key, value, at: &inner) }
            }
        case .structure(let fields):
            try Self.contain(BusType.structure, nil, at: &place) { (inner) throws(BusError) in
                for field in fields { try Self.append(field, at: &inner) }
            }
        case .variant(let value):
            try Self.contain(BusType.variant, value.typeSignature, at: &place) { (inner) throws(BusError) in
                try Self.append(value, at: &inner)
            }
        }
    }

    private static func append(
        _ key: BusValue, _ value: BusValue, at place: inout DBusMessageIter
    ) throws(BusError) {
        try Self.contain(BusType.entry, nil, at: &place) { (inner) throws(BusError) in
            try Self.append(key, at: &inner)
            try Self.append(value, at: &inner)
        }
    }

    private static func append<Number: BitwiseCopyable>(
        _ number: Number, _ type: Int32, at place: inout DBusMessageIter
    ) throws(BusError) {
        let answer = withUnsafePointer(to: number) { dbus_message_iter_append_basic(&place, type, $0) }
        guard answer != 0 else { throw Self.noMemory }
    }

    private static func append(_ text: String, _ type: Int32, at place: inout DBusMessageIter) throws(BusError) {
        let answer = text.withCString { text in
            var text: UnsafePointer<CChar>? = text
            return dbus_message_iter_append_basic(&place, type, &text)
        }
        guard answer != 0 else { throw Self.noMemory }
    }

    private static func append(_ bytes: [UInt8], at place: inout DBusMessageIter) throws(BusError) {
        try Self.contain(BusType.array, "y", at: &place) { (inner) throws(BusError) in
            guard !bytes.isEmpty else { return }
            let answer = bytes.withUnsafeBufferPointer { bytes in
                var start = bytes.baseAddress
                return dbus_message_iter_append_fixed_array(&inner, BusType.byte, &start, Int32(bytes.count))
            }
            guard answer != 0 else { throw Self.noMemory }
        }
    }

    /// Opens a container, fills and closes it.
    private static func contain(
        _ type: Int32, _ signature: String?, at place: inout DBusMessageIter,
        _ fill: (inout DBusMessageIter) throws(BusError) -> Void
    ) throws(BusError) {
        var inner = DBusMessageIter()
        guard dbus_message_iter_open_container(&place, type, signature, &inner) != 0 else { throw Self.noMemory }
        do throws(BusError) {
            try fill(&inner)
        } catch {
            dbus_message_iter_abandon_container(&place, &inner)
            throw error
        }
        guard dbus_message_iter_close_container(&place, &inner) != 0 else { throw Self.noMemory }
    }
}
