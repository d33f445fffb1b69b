/// The list of images that lies beside them in the firmware directory, in either of two forms:
///
///     {"esp32-light": {"version": "0.1.33", "file": "esp32-light@0.1.33.bin", "checksum": "<SHA-256>"}}
///     {"types": [{"type": "light", "chip": "esp32", "version": "0.1.33", "file": "…", "checksum": "…", "size": 1024}]}
///
/// A key of the first form is the chip, a hyphen and the type. Members that are not known are left to other readers.
public struct FirmwareManifest: Sendable, Hashable {
    public static let fileName = "manifest.json"
    /// In bytes.
    public static let maximumSize = 256 * 1024
    public static let maximumEntries = 1000

    public struct Entry: Sendable, Hashable {
        public let type: String
        /// `nil` when the manifest leaves it to the image.
        public let chip: FirmwareChip?
        public let version: SemanticVersion
        public let file: FirmwareFileName
        public let checksum: FileChecksum
        /// In bytes; `nil` when the manifest does not tell.
        public let size: Int?
    }

    public let entries: [Entry]

    /// - Throws: `FirmwareManifestFault` naming the member at fault and what is allowed there.
    public init(_ json: JSONValue) throws(FirmwareManifestFault) {
        guard let object = json.objectValue else {
            throw FirmwareManifestFault("", "is \(json.kind), not an object")
        }
        if let types = object["types"], types.objectValue == nil {
            guard let elements = types.arrayValue else {
                throw FirmwareManifestFault("types", "is \(types.kind), not an array")
            }
            try Self.checkCount(elements.count)
            var entries: [Entry] = []
            for (index, element) in elements.enumerated() {
                entries.append(try Entry(element, at: "types[\(index)]"))
            }
            self.entries = entries
        } else {
            try Self.checkCount(object.count)
            var entries: [Entry] = []
            for member in object.members {
                entries.append(try Entry(member.value, key: member.key))
            }
            self.entries = entries
        }
    }

    private static func checkCount(_ count: Int) throws(FirmwareManifestFault) {
        guard count <= Self.maximumEntries else {
            throw FirmwareManifestFault("", "has \(count) entries; at most \(Self.maximumEntries) are read")
        }
    }

    /// The entry of a file; the first if several name it.
    public func entry(of file: FirmwareFileName) -> Entry? {
        self.entries.first { $0.file == file }
    }
}

extension FirmwareManifest.Entry {
    /// An element of the form with `types`.
    fileprivate init(_ value: JSONValue, at path: String) throws(FirmwareManifestFault) {
        let fields = try FirmwareManifestFields(value, at: path)
        let type = try fields.string("type")
        try Self.check(type: type, at: "\(path).type")
        try self.init(fields, type: type, chip: try fields.chip("chip"))
    }

    /// A member of the form with keys such as `esp32-light`.
    fileprivate init(_ value: JSONValue, key: String) throws(FirmwareManifestFault) {
        // The longest name first: “esp32-c3-light” is not a type “c3-light” of an ESP32.
        let parts = key.split(separator: "-", omittingEmptySubsequences: false)
        for count in [2, 1] where parts.count > count {
            guard let chip = FirmwareChip(name: parts.prefix(count).joined(separator: "-")) else { continue }
            let type = parts.dropFirst(count).joined(separator: "-")
            try Self.check(type: type, at: key)
            try self.init(FirmwareManifestFields(value, at: key), type: type, chip: chip)
            return
        }
        throw FirmwareManifestFault(
            key, "does not consist of a chip, “-” and a type, such as esp32-light; chips are \(FirmwareChip.names)"
        )
    }

    private init(
        _ fields: FirmwareManifestFields, type: String, chip: FirmwareChip?
    ) throws(FirmwareManifestFault) {
        self.init(
            type: type, chip: chip,
            version: try fields.value("version", SemanticVersion.rule) { SemanticVersion($0) },
            file: try fields.value("file", FirmwareFileName.rule) { FirmwareFileName($0) },
            checksum: try fields.value("checksum", FileChecksum.rule) { FileChecksum($0) },
            size: try fields.size("size")
        )
    }

    private static func check(type: String, at path: String) throws(FirmwareManifestFault) {
        guard TopicName.isValid(type) else {
            throw FirmwareManifestFault(path, "names the type “\(type)”; allowed are \(TopicName.rule)")
        }
    }
}

/// What stands in a manifest where something else is wanted.
public struct FirmwareManifestFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where, such as `types[0].checksum`; empty for the whole.
    public let path: String
    public let message: String

    public init(_ path: String, _ message: String) {
        self.path = path
        self.message = message
    }

    public var description: String {
        self.path.isEmpty ? "The manifest \(self.message)." : "In the manifest “\(self.path)” \(self.message)."
    }
}
