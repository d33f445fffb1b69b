/// Holds values against the rules of D-Bus and counts their bytes, before libdbus sees them: it ends the process when
/// it is handed what it does not allow, and the bus ends the connection when it gets too much.
struct BusValueCheck {
    /// The bytes so far, with their padding (D-Bus specification, Summary of D-Bus Marshalling).
    private(set) var bytes = 0
    private var descriptors = 0

    /// Checks the arguments of a message.
    static func check(_ values: [BusValue]) throws(BusError) {
        let signature = values.map(\.typeSignature).joined()
        try BusName.check(.signature, signature)
        var check = Self()
        for value in values { try check.add(value, depth: 0) }
        // The header has room to spare beside it.
        let limit = BusLimits.messageBytes - 4096
        guard check.bytes <= limit else { throw .tooLarge(bytes: check.bytes, limit: limit) }
        guard check.descriptors <= BusLimits.descriptors else {
            throw .invalid(detail: "\(check.descriptors) descriptors in one message")
        }
    }

    private mutating func add(_ value: BusValue, depth: Int) throws(BusError) {
        guard depth <= BusLimits.depth else {
            throw .invalid(detail: "a value with more than \(BusLimits.depth) levels")
        }
        switch value {
        case .byte: self.count(1, alignment: 1)
        case .int16, .uint16: self.count(2, alignment: 2)
        case .bool, .int32, .uint32: self.count(4, alignment: 4)
        case .int64, .uint64, .double: self.count(8, alignment: 8)
        case .descriptor:
            self.count(4, alignment: 4)
            self.descriptors += 1
        case .string(let text):
            guard !text.utf8.contains(0) else { throw .invalid(detail: "a string with a zero byte") }
            self.count(4 + text.utf8.count + 1, alignment: 4)
        case .objectPath(let path):
            try BusName.check(.path, path)
            self.count(4 + path.utf8.count + 1, alignment: 4)
        case .signature(let signature):
            try BusName.check(.signature, signature)
            self.count(1 + signature.utf8.count + 1, alignment: 1)
        case .bytes(let bytes): self.count(4 + bytes.count, alignment: 4)
        case .array(let elements, let element): try self.add(elements, of: element, depth: depth)
        case .dictionary(let entries, let key, let value): try self.add(entries, key, value, depth: depth)
        case .structure(let fields):
            guard !fields.isEmpty else { throw .invalid(detail: "a structure without fields") }
            self.count(0, alignment: 8)
            for field in fields { try self.add(field, depth: depth + 1) }
        case .variant(let value):
            let signature = value.typeSignature
            try BusName.check(.type, signature)
            self.count(1 + signature.utf8.count + 1, alignment: 1)
            try self.add(value, depth: depth + 1)
        }
    }

    private mutating func add(_ elements: [BusValue], of element: String, depth: Int) throws(BusError) {
        try BusName.check(.type, element)
        self.count(4, alignment: 4)
        for value in elements {
            guard value.typeSignature == element else {
                throw .invalid(detail: "a value of type \(value.typeSignature) in an array of \(element)")
            }
            try self.add(value, depth: depth + 1)
        }
    }

    private mutating func add(
        _ entries: [BusValue: BusValue], _ key: String, _ value: String, depth: Int
    ) throws(BusError) {
        try BusName.check(.type, "a{\(key)\(value)}")
        self.count(4, alignment: 4)
        for (name, content) in entries {
            guard name.typeSignature == key, content.typeSignature == value else {
                let types = "\(name.typeSignature)\(content.typeSignature)"
                throw .invalid(detail: "an entry of type {\(types)} in a dictionary of {\(key)\(value)}")
            }
            self.count(0, alignment: 8)
            try self.add(name, depth: depth + 1)
            try self.add(content, depth: depth + 1)
        }
    }

    private mutating func count(_ bytes: Int, alignment: Int) {
        self.bytes = (self.bytes + alignment - 1) / alignment * alignment + bytes
    }
}
