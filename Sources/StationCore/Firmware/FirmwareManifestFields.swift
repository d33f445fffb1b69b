/// Reads the members of one entry of a manifest, with errors that name the place.
struct FirmwareManifestFields {
    private let object: JSONObject
    private let path: String

    init(_ value: JSONValue, at path: String) throws(FirmwareManifestFault) {
        guard let object = value.objectValue else {
            throw FirmwareManifestFault(path, "is \(value.kind), not an object")
        }
        self.object = object
        self.path = path
    }

    func string(_ key: String) throws(FirmwareManifestFault) -> String {
        guard let value = self.object[key] else { throw self.fault(key, "is missing") }
        guard let text = value.stringValue else { throw self.fault(key, "is \(value.kind), not a string") }
        return text
    }

    func value<Value>(
        _ key: String, _ rule: String, _ read: (String) -> Value?
    ) throws(FirmwareManifestFault) -> Value {
        let text = try self.string(key)
        guard let value = read(text) else { throw self.fault(key, "is “\(text.prefix(200))”; allowed is \(rule)") }
        return value
    }

    func chip(_ key: String) throws(FirmwareManifestFault) -> FirmwareChip? {
        guard let value = self.object[key], value != .null else { return nil }
        return try self.value(key, "one of \(FirmwareChip.names)") { FirmwareChip(name: $0) }
    }

    func size(_ key: String) throws(FirmwareManifestFault) -> Int? {
        guard let value = self.object[key], value != .null else { return nil }
        guard case .integer(let number) = value, number > 0, let size = Int(exactly: number) else {
            throw self.fault(key, "is \(value); it must be a whole number of bytes greater than 0")
        }
        return size
    }

    private func fault(_ key: String, _ message: String) -> FirmwareManifestFault {
        FirmwareManifestFault("\(self.path).\(key)", message)
    }
}
