// What a value holds, if it is of that kind; variants are looked through, however many there are.
extension BusValue {
    /// The value itself, out of its variants.
    public var unwrapped: BusValue {
        var value = self
        while case .variant(let inner) = value { value = inner }
        return value
    }

    /// A truth value.
    public var bool: Bool? {
        if case .bool(let value) = self.unwrapped { value } else { nil }
    }

    /// Any of the integer types, if it fits.
    public var integer: Int? {
        switch self.unwrapped {
        case .byte(let value): Int(value)
        case .int16(let value): Int(value)
        case .uint16(let value): Int(value)
        case .int32(let value): Int(value)
        case .uint32(let value): Int(exactly: value)
        case .int64(let value): Int(exactly: value)
        case .uint64(let value): Int(exactly: value)
        default: nil
        }
    }

    /// A floating-point number.
    public var double: Double? {
        if case .double(let value) = self.unwrapped { value } else { nil }
    }

    /// A string; not an object path and not a signature.
    public var string: String? {
        if case .string(let value) = self.unwrapped { value } else { nil }
    }

    /// An object path.
    public var objectPath: String? {
        if case .objectPath(let value) = self.unwrapped { value } else { nil }
    }

    /// An array of bytes.
    public var bytes: [UInt8]? {
        if case .bytes(let value) = self.unwrapped { value } else { nil }
    }

    /// A file descriptor.
    public var descriptor: BusDescriptor? {
        if case .descriptor(let value) = self.unwrapped { value } else { nil }
    }

    /// The elements of an array that is not one of bytes.
    public var array: [BusValue]? {
        if case .array(let elements, _) = self.unwrapped { elements } else { nil }
    }

    /// The elements of an array of strings, `as`.
    public var strings: [String]? {
        guard case .array(let elements, "s") = self.unwrapped else { return nil }
        return elements.compactMap(\.string)
    }

    /// The fields of a structure.
    public var structure: [BusValue]? {
        if case .structure(let fields) = self.unwrapped { fields } else { nil }
    }

    /// The entries of a dictionary whose keys are strings or object paths; values come out of their variants. So
    /// `a{sv}` is read, and `a{oa{sa{sv}}}` level by level.
    public var properties: [String: BusValue]? {
        guard case .dictionary(let entries, let key, _) = self.unwrapped, key == "s" || key == "o" else { return nil }
        var properties: [String: BusValue] = [:]
        properties.reserveCapacity(entries.count)
        for (key, value) in entries {
            guard let name = key.string ?? key.objectPath else { continue }
            properties[name] = value.unwrapped
        }
        return properties
    }

    /// The entries of a dictionary with other keys, such as the manufacturer data of BlueZ, `a{qv}`; values come out of
    /// their variants.
    public var entries: [BusValue: BusValue]? {
        guard case .dictionary(let entries, _, _) = self.unwrapped else { return nil }
        return entries.mapValues(\.unwrapped)
    }
}
