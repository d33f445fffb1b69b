/// A part of a device type that is written as an object of its own.
protocol DeviceTypePart {
    /// The member that names it; no name may be there twice.
    static var nameKey: String { get }

    init(fields: DeviceTypeFields) throws(DeviceTypeError)
}

/// Reads the members of one object of a type file, with errors that name the place.
struct DeviceTypeFields {
    private static let maximumTextLength = 64

    private let object: JSONObject
    private let path: String

    init(_ value: JSONValue, at path: String) throws(DeviceTypeError) {
        guard let object = value.objectValue else {
            throw DeviceTypeError(path: path, message: "is \(value.kind), not an object")
        }
        self.object = object
        self.path = path
    }

    func error(_ key: String, _ message: String) -> DeviceTypeError {
        DeviceTypeError(path: self.path.isEmpty ? key : "\(self.path).\(key)", message: message)
    }

    func allowOnly(_ keys: [String]) throws(DeviceTypeError) {
        for member in self.object.members where !keys.contains(member.key) {
            throw self.error(member.key, "is not known here; known are \(keys.joined(separator: ", "))")
        }
    }

    func string(_ key: String) throws(DeviceTypeError) -> String {
        guard let text = try self.optionalString(key) else { throw self.error(key, "is missing") }
        guard !text.isEmpty else { throw self.error(key, "is empty") }
        return text
    }

    func optionalString(_ key: String) throws(DeviceTypeError) -> String? {
        switch self.object[key] {
        case nil, .null?: return nil
        case .string(let text)?:
            guard text.count <= Self.maximumTextLength else {
                throw self.error(key, "is longer than \(Self.maximumTextLength) characters")
            }
            return text
        case let value?: throw self.error(key, "is \(value.kind), not a string")
        }
    }

    func bool(_ key: String, default fallback: Bool) throws(DeviceTypeError) -> Bool {
        guard let value = self.object[key] else { return fallback }
        guard let bool = value.boolValue else { throw self.error(key, "is \(value.kind), not true or false") }
        return bool
    }

    func number(_ key: String) throws(DeviceTypeError) -> Double? {
        switch self.object[key] {
        case nil, .null?: return nil
        case let value?:
            guard let number = value.doubleValue else { throw self.error(key, "is \(value.kind), not a number") }
            return number
        }
    }

    /// `min` and `max`, in that order.
    func limits() throws(DeviceTypeError) -> (minimum: Double?, maximum: Double?) {
        let (minimum, maximum) = (try self.number("min"), try self.number("max"))
        if let minimum, let maximum, minimum > maximum { throw self.error("min", "is above “max”") }
        return (minimum, maximum)
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String
    ) throws(DeviceTypeError) -> Choice where Choice.RawValue == String {
        let text = try self.string(key)
        guard let choice = Choice(rawValue: text) else {
            let allowed = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw self.error(key, "is “\(text)”; allowed are \(allowed)")
        }
        return choice
    }

    func strings(_ key: String) throws(DeviceTypeError) -> [String] {
        var texts: [String] = []
        for element in try self.array(key) ?? [] {
            guard let text = element.stringValue else {
                throw self.error(key, "holds \(element.kind) where only strings are allowed")
            }
            texts.append(text)
        }
        return texts
    }

    func objects<Part: DeviceTypePart>(_ key: String) throws(DeviceTypeError) -> [Part]? {
        guard let elements = try self.array(key) else { return nil }
        var parts: [Part] = []
        var names: Set<String> = []
        for (index, element) in elements.enumerated() {
            let fields = try DeviceTypeFields(element, at: self.error("\(key)[\(index)]", "").path)
            parts.append(try Part(fields: fields))
            let name = try fields.string(Part.nameKey)
            guard names.insert(name).inserted else {
                throw fields.error(Part.nameKey, "is “\(name)” for the second time")
            }
        }
        return parts
    }

    private func array(_ key: String) throws(DeviceTypeError) -> [JSONValue]? {
        guard let value = self.object[key] else { return nil }
        guard let elements = value.arrayValue else { throw self.error(key, "is \(value.kind), not an array") }
        return elements
    }
}
