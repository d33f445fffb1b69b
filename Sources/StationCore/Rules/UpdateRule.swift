/// What a device runs, as far as that decides which firmware it may be given.
public struct RunningFirmware: Sendable, Hashable {
    public let type: String
    public let chip: FirmwareChip
    public let version: SemanticVersion

    public init(type: String, chip: FirmwareChip, version: SemanticVersion) {
        self.type = type
        self.chip = chip
        self.version = version
    }

    /// What a device says it runs; `nil` when something is missing or cannot be understood. Then it is given nothing:
    /// an image for something else would make it useless.
    public init?(type: String?, chip: String?, version: String?) {
        guard let type, let chip = chip.flatMap({ FirmwareChip(name: $0) }),
            let version = version.flatMap({ SemanticVersion($0) })
        else { return nil }
        self.init(type: type, chip: chip, version: version)
    }
}

/// Which firmware a device is offered (contract 2, "ESP32 firmware").
public struct UpdateRule: Sendable {
    /// An update that a device has failed so often is not offered to it again.
    public static let maximumFailures = 2

    public init() {}

    /// Whether the firmware is for such a device and newer than what it runs.
    public func isUpdate(_ firmware: Firmware, of running: RunningFirmware) -> Bool {
        firmware.type == running.type && firmware.chip == running.chip && firmware.version > running.version
    }

    /// The newest update; `nil` when there is none.
    public func newest(
        of firmwares: some Sequence<Firmware>, for running: RunningFirmware, except failed: Set<FirmwareID>
    ) -> Firmware? {
        firmwares.filter { self.isUpdate($0, of: running) && !failed.contains($0.id) }
            .max { $0.version < $1.version }
    }
}
