import StationCore

extension Firmware {
    /// - Parameter url: Where devices fetch it.
    func json(url: String) -> JSONValue {
        [
            "id": .string(self.id.description),
            "type": .string(self.type),
            "chip": .string(self.chip.rawValue),
            "version": .string(self.version.description),
            "file": .string(self.file.description),
            "size": .integer(Int64(self.size)),
            "checksum": .string(self.checksum.description),
            "url": .string(url),
            "createdAt": JSONValue(self.createdAt),
        ]
    }
}
