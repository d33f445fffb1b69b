import StationCore

/// One kind of device, by type and chip: how many there are, and which versions of its firmware the station has.
struct FirmwareKind: Sendable, Hashable {
    private struct Key: Hashable {
        let type: String
        let chip: FirmwareChip?
    }

    let type: String
    /// `nil` for devices that have not told, or whose chip the station does not know.
    let chip: FirmwareChip?
    let deviceCount: Int
    /// Newest first.
    let versions: [SemanticVersion]

    static func all(devices: [Device], firmwares: [Firmware]) -> [FirmwareKind] {
        var counts: [Key: Int] = [:]
        for device in devices {
            guard let type = device.type else { continue }
            counts[Key(type: type, chip: device.chip.flatMap { FirmwareChip(name: $0) }), default: 0] += 1
        }
        let cached = Dictionary(grouping: firmwares) { Key(type: $0.type, chip: $0.chip) }
        return Set(counts.keys).union(cached.keys)
            .map { key in
                FirmwareKind(
                    type: key.type, chip: key.chip, deviceCount: counts[key] ?? 0,
                    versions: (cached[key] ?? []).map(\.version).sorted(by: >)
                )
            }
            .sorted { ($0.type, $0.chip?.rawValue ?? "") < ($1.type, $1.chip?.rawValue ?? "") }
    }

    var json: JSONValue {
        [
            "type": .string(self.type),
            "chip": JSONValue(self.chip?.rawValue),
            "devices": .integer(Int64(self.deviceCount)),
            "cachedVersion": JSONValue(self.versions.first?.description),
            "cachedVersions": .array(self.versions.map { .string($0.description) }),
        ]
    }
}
