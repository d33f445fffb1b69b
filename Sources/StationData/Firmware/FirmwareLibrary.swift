public import StationCore

/// The images that the station gives to its devices: rows and files as one.
public struct FirmwareLibrary: Sendable {
    public let directory: FirmwareDirectory
    private let hub: StationHub
    private let clock: any StationClock

    public init(hub: StationHub, directory: FirmwareDirectory, clock: any StationClock = SystemStationClock()) {
        self.hub = hub
        self.directory = directory
        self.clock = clock
    }

    /// Registers an image that was received. It is named after what it is: `esp32-light@0.1.33.bin`.
    ///
    /// - Parameters:
    ///   - chip: `nil` when the image's own word is enough.
    ///   - checksum: `nil` when its sender did not tell.
    /// - Returns: The firmware, and whether it is new: the same content again changes nothing.
    /// - Throws: `FirmwareError` for what is no such image, `StoreError.conflict`, `.invalid` for a type that cannot be,
    ///   `.unavailable`.
    public func add(
        _ upload: FirmwareUpload, type: String, chip: FirmwareChip?, version: SemanticVersion, checksum: FileChecksum?
    ) async throws -> (firmware: Firmware, isNew: Bool) {
        let image = try await upload.finish()
        try image.check(chip: chip, checksum: checksum)
        guard TopicName.isValid(type), let file = FirmwareFileName("\(image.header.chip)-\(type)@\(version).bin") else {
            throw StoreError.invalid(field: "type", message: "The type “\(type)” must be \(TopicName.rule).")
        }
        return try await self.hub.register(self.firmware(image, type: type, version: version, file: file)) {
            try upload.place(as: file)
        } undoing: {
            self.directory.remove(file)
        }
    }

    /// Registers a file that somebody has put into the directory, if it is what the manifest says; one that is registered
    /// already, if it is still what it was.
    ///
    /// - Returns: As `add`.
    /// - Throws: `FirmwareError` when the manifest or the file is not there or they do not agree,
    ///   `StoreError.conflict`, `.unavailable`.
    public func adopt(
        _ file: FirmwareFileName, type: String, version: SemanticVersion
    ) async throws -> (firmware: Firmware, isNew: Bool) {
        if let known = try await self.hub.firmware(in: file), known.type == type, known.version == version {
            let image = try await self.directory.open(file).inspect()
            try image.check(chip: known.chip, checksum: known.checksum)
            return (known, false)
        }
        guard let entry = try await self.directory.manifest().entry(of: file) else {
            throw FirmwareError.notInManifest("The manifest does not name the file “\(file)”.")
        }
        guard entry.type == type, entry.version == version else {
            throw FirmwareError.notInManifest(
                "In the manifest the file “\(file)” is version \(entry.version) for \(entry.type)."
            )
        }
        let image = try await self.directory.open(file).inspect()
        try image.check(chip: entry.chip, checksum: entry.checksum, size: entry.size)
        return try await self.hub.register(self.firmware(image, type: type, version: version, file: file)) {
        } undoing: {
        }
    }

    private func firmware(
        _ image: FirmwareImage, type: String, version: SemanticVersion, file: FirmwareFileName
    ) -> Firmware {
        Firmware(
            id: .make(at: self.clock.wallTime), type: type, chip: image.header.chip, version: version, file: file,
            size: image.size, checksum: image.checksum, createdAt: self.clock.wallTime
        )
    }

    /// Opens the file of a registered firmware.
    ///
    /// - Throws: `FirmwareError.noFile` for a name that is not registered, or whose file is gone; `.changedFile`;
    ///   `.storage`; `StoreError.unavailable`.
    public func open(_ file: FirmwareFileName) async throws -> (firmware: Firmware, file: FirmwareFile) {
        guard let firmware = try await self.hub.firmware(in: file) else {
            throw FirmwareError.noFile(file.description)
        }
        let opened = try await self.directory.open(file)
        guard opened.size == firmware.size else { throw FirmwareError.changedFile(file.description) }
        return (firmware, opened)
    }

    /// Forgets a firmware, its file and the record of its updates. Downloads under way are brought to their end.
    ///
    /// - Throws: `FirmwareError.notFound`, `StoreError.unavailable`.
    public func remove(_ id: FirmwareID) async throws {
        let removed = try await self.hub.removeFirmware(id) { self.directory.remove($0.file) }
        guard removed != nil else { throw FirmwareError.notFound(id.description) }
    }
}
