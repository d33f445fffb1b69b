import GRDB
public import StationCore

extension StationHub {
    /// Of more than these, the oldest should go.
    public static let maximumFirmwares = 256

    /// All firmware that the station can give, newest first.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func firmwares() async throws(StoreError) -> [Firmware] {
        try await StoreError.wrapping("reading the firmware") {
            try await self.writer.read { try FirmwareTable(db: $0).all() }
        }
    }

    /// A firmware; `nil` when there is none with this id.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func firmware(_ id: FirmwareID) async throws(StoreError) -> Firmware? {
        try await StoreError.wrapping("reading the firmware") {
            try await self.writer.read { try FirmwareTable(db: $0).firmware(id) }
        }
    }

    func firmware(in file: FirmwareFileName) async throws(StoreError) -> Firmware? {
        try await StoreError.wrapping("reading the firmware") {
            try await self.writer.read { try FirmwareTable(db: $0).firmware(in: file) }
        }
    }

    /// Registers an image, and gives its file its name in the same moment.
    ///
    /// What is registered already with the same content is left as it is.
    ///
    /// - Parameters:
    ///   - place: Gives the file its name; called on the writer's queue, when it is sure that nobody has that name.
    ///   - undo: Takes it away again when the row could not be written.
    /// - Returns: The firmware, and whether it is new.
    /// - Throws: `StoreError.conflict` for a version that is there with another content, for a name that is taken, and
    ///   when there are too many; `.unavailable`.
    func register(
        _ firmware: Firmware, placing place: @escaping @Sendable () throws -> Void,
        undoing undo: @escaping @Sendable () -> Void
    ) async throws(StoreError) -> (firmware: Firmware, isNew: Bool) {
        let placement = FirmwarePlacement(placing: place, undoing: undo)
        return try await self.commit("registering firmware", undoing: { placement.undo() }) { db in
            let table = FirmwareTable(db: db)
            if let known = try table.firmwares(of: firmware.type).first(where: {
                $0.chip == firmware.chip && $0.version == firmware.version
            }) {
                guard known.checksum == firmware.checksum else {
                    throw StoreError.conflict(
                        field: "version", value: firmware.version.description,
                        message: "Version \(known.version) for \(known.type) on \(known.chip) is there already, with "
                            + "another content (\(known.checksum)); delete that one, or give this one a new version."
                    )
                }
                return ((known, false), CommitEffects())
            }
            if let other = try table.firmware(in: firmware.file) {
                throw StoreError.conflict(
                    field: "file", value: firmware.file.description,
                    message: "The file “\(other.file)” is registered as version \(other.version) for \(other.type) on "
                        + "\(other.chip)."
                )
            }
            guard try table.count() < Self.maximumFirmwares else {
                throw StoreError.conflict(
                    field: "version", value: firmware.version.description,
                    message: "There are \(Self.maximumFirmwares) images already; delete some that no device needs."
                )
            }
            try placement.place()
            try table.insert(firmware)
            return ((firmware, true), CommitEffects())
        }
    }

    /// Forgets a firmware and the record of its updates.
    ///
    /// - Parameter cleanUp: Called on the writer's queue once that is committed.
    /// - Returns: What was forgotten; `nil` when there is no such firmware.
    /// - Throws: `StoreError.unavailable`.
    func removeFirmware(
        _ id: FirmwareID, cleaningUp cleanUp: @escaping @Sendable (Firmware) -> Void
    ) async throws(StoreError) -> Firmware? {
        try await self.commit("removing firmware") { db in
            guard let firmware = try FirmwareTable(db: db).firmware(id) else { return (nil, CommitEffects()) }
            try FirmwareTable(db: db).delete(id)
            return (firmware, CommitEffects(actions: [{ cleanUp(firmware) }]))
        }
    }
}
