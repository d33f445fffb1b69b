/// The chips that firmware is built for, with the number by which an image says so (`esp_chip_id_t` of ESP-IDF).
public enum FirmwareChip: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case esp32
    case esp32s2 = "esp32-s2"
    case esp32c3 = "esp32-c3"
    case esp32s3 = "esp32-s3"
    case esp32c2 = "esp32-c2"
    case esp32c6 = "esp32-c6"
    case esp32h2 = "esp32-h2"
    case esp32p4 = "esp32-p4"
    case esp32c61 = "esp32-c61"
    case esp32c5 = "esp32-c5"

    public static let names = allCases.map(\.rawValue).joined(separator: ", ")

    public var description: String { self.rawValue }

    /// In the extended header of an image.
    public var imageNumber: UInt16 {
        switch self {
        case .esp32: 0x0000
        case .esp32s2: 0x0002
        case .esp32c3: 0x0005
        case .esp32s3: 0x0009
        case .esp32c2: 0x000C
        case .esp32c6: 0x000D
        case .esp32h2: 0x0010
        case .esp32p4: 0x0012
        case .esp32c61: 0x0014
        case .esp32c5: 0x0017
        }
    }

    public init?(imageNumber: UInt16) {
        guard let chip = Self.allCases.first(where: { $0.imageNumber == imageNumber }) else { return nil }
        self = chip
    }

    /// A chip by the name that a device or a person gives it: `esp32-c3`, `ESP32C3`, `esp32_c3`.
    public init?(name: some StringProtocol) {
        let plain = Self.plain(name)
        guard let chip = Self.allCases.first(where: { Self.plain($0.rawValue) == plain }) else { return nil }
        self = chip
    }

    private static func plain(_ name: some StringProtocol) -> String {
        String(name.lowercased().filter { $0 != "-" && $0 != "_" })
    }
}
