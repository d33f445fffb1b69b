/// What the first bytes of an ESP32 application image tell (ESP-IDF, "App Image Format").
public struct FirmwareImageHeader: Sendable, Hashable {
    /// In bytes. The largest flash partition that an update goes into.
    public static let maximumImageSize = 16 * 1024 * 1024
    /// As many bytes from the beginning hold everything that is read here.
    public static let size = 80
    /// The least that an image can have: its own header and that of one segment.
    private static let minimumSize = 32
    private static let magic: UInt8 = 0xE9
    private static let segments: ClosedRange<UInt8> = 1...16
    private static let descriptionMagic: UInt32 = 0xABCD_5432

    public let chip: FirmwareChip
    /// What the image calls its own version; `nil` when it has no description. For messages only: projects that do not
    /// set it carry the name of a commit.
    public let version: String?

    /// - Parameter bytes: The beginning of the image, `size` bytes of it if there are as many.
    /// - Throws: `FirmwareImageFault` for what no ESP32 would take.
    public init(_ bytes: [UInt8]) throws(FirmwareImageFault) {
        guard let first = bytes.first, first == Self.magic else { throw .noImage(firstByte: bytes.first) }
        guard bytes.count >= Self.minimumSize else { throw .tooShort(bytes.count) }
        guard Self.segments.contains(bytes[1]) else { throw .segmentCount(bytes[1]) }
        let number = UInt16(bytes[12]) | UInt16(bytes[13]) << 8
        guard let chip = FirmwareChip(imageNumber: number) else { throw .unknownChip(number) }
        self.chip = chip
        self.version = Self.version(bytes)
    }

    private static func version(_ bytes: [UInt8]) -> String? {
        guard bytes.count >= Self.size else { return nil }
        let magic = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[32 + $1]) << UInt32(8 * $1) }
        guard magic == Self.descriptionMagic else { return nil }
        let text = bytes[48..<80].prefix { $0 != 0 }
        guard !text.isEmpty, text.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Why a file cannot be firmware of an ESP32.
public enum FirmwareImageFault: Error, Sendable, Hashable, CustomStringConvertible {
    case noImage(firstByte: UInt8?)
    case tooShort(Int)
    case segmentCount(UInt8)
    case unknownChip(UInt16)
    case tooLarge

    public var description: String {
        switch self {
        case .noImage(nil): "The file is empty."
        case .noImage(let byte?):
            "The file is no ESP32 image: it begins with the byte \(Self.hex(byte)), an image with 0xe9."
        case .tooShort(let size): "The file is no ESP32 image: it has only \(size) bytes."
        case .segmentCount(let count): "The file is no ESP32 image: it claims \(count) segments, of 1–16."
        case .unknownChip(let number):
            "The image is for a chip with the number \(Self.hex(number)); known are \(FirmwareChip.names)."
        case .tooLarge: "The image has more than \(FirmwareImageHeader.maximumImageSize) bytes."
        }
    }

    private static func hex(_ number: some BinaryInteger) -> String { "0x\(String(number, radix: 16))" }
}
