import FoundationEssentials
import StationCore

extension ConfigurationValueType where Value == String {
    /// Text of one line.
    static func text(upTo maximum: Int) -> Self {
        Self(
            allowed: "1–\(maximum) characters on one line",
            read: { (text) throws(InvalidValue) in
                guard !text.isEmpty else { throw InvalidValue("it is empty") }
                guard text.count <= maximum else { throw InvalidValue("it has \(text.count) characters") }
                guard !text.hasControlCharacter else { throw InvalidValue("it has a control character in it") }
                return text
            },
            write: { $0 })
    }

    /// The path of a directory, which need not exist yet.
    static var directory: Self {
        Self(
            allowed: "the path of a directory",
            read: { (text) throws(InvalidValue) in
                guard !text.hasControlCharacter else { throw InvalidValue("it has a control character in it") }
                var path = text
                while path.count > 1, path.hasSuffix("/") { path.removeLast() }
                return path
            },
            write: { $0 })
    }

    /// The path of a file that exists. That it can be read is not asked: `config` may run as another user.
    static var existingFile: Self {
        Self(
            allowed: "the path of a file that exists",
            read: { (text) throws(InvalidValue) in
                switch BoundedFile.kind(of: text) {
                case .file, .unknown: return text
                case .directory: throw InvalidValue("it is a directory")
                case .absent: throw InvalidValue("there is no such file")
                }
            },
            write: { $0 })
    }

    /// The path of a file, which need not be there yet.
    static var filePath: Self {
        Self(
            allowed: "the path of a file",
            read: { (text) throws(InvalidValue) in
                guard !text.hasControlCharacter else { throw InvalidValue("it has a control character in it") }
                guard BoundedFile.kind(of: text) != .directory else { throw InvalidValue("it is a directory") }
                return text
            },
            write: { $0 })
    }

    /// A UUID in its canonical form, kept in lower case.
    static var uuid: Self {
        Self(
            allowed: "a UUID such as 12c158d5-220f-4be9-b46a-a235f44c412a",
            read: { (text) throws(InvalidValue) in
                guard UUID(uuidString: text) != nil else { throw InvalidValue("it is not a UUID") }
                return text.lowercased()
            },
            write: { $0 })
    }

    /// The name of a Wi-Fi network.
    static var networkName: Self {
        Self(
            allowed: "1–32 bytes",
            read: { (text) throws(InvalidValue) in
                guard text.utf8.count <= 32 else { throw InvalidValue("it has \(text.utf8.count) bytes") }
                return text
            },
            write: { $0 })
    }
}

extension ConfigurationValueType where Value == StationID {
    static var stationID: Self {
        Self(
            allowed: "a UUID, or \(TopicName.rule)",
            read: { (text) throws(InvalidValue) in
                guard let id = StationID(text) else { throw InvalidValue("it cannot stand in an MQTT topic") }
                return id
            },
            write: { $0.description })
    }
}

extension String {
    var hasControlCharacter: Bool {
        self.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
