/// An image that the station gives to its devices.
public struct Firmware: Sendable, Hashable {
    public let id: FirmwareID
    /// The type of device that it is for.
    public let type: String
    public let chip: FirmwareChip
    public let version: SemanticVersion
    /// Its name in the firmware directory and in its address.
    public let file: FirmwareFileName
    /// In bytes.
    public let size: Int
    public let checksum: FileChecksum
    public let createdAt: Timestamp

    public init(
        id: FirmwareID, type: String, chip: FirmwareChip, version: SemanticVersion, file: FirmwareFileName, size: Int,
        checksum: FileChecksum, createdAt: Timestamp
    ) {
        self.id = id
        self.type = type
        self.chip = chip
        self.version = version
        self.file = file
        self.size = size
        self.checksum = checksum
        self.createdAt = createdAt
    }
}

public typealias FirmwareID = Identifier<Firmware>
