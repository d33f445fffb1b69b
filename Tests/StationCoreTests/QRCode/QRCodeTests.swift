import StationTestSupport
import Testing

@testable import StationCore

@Suite("QR codes")
struct QRCodeTests {
    private static func rows(_ code: QRCode) -> [[Bool]] {
        (0..<code.size).map { row in (0..<code.size).map { code[row, $0] } }
    }

    /// As hexadecimal numbers, row by row.
    private static func hexadecimal(_ code: QRCode) -> [String] {
        self.rows(code).map { String($0.reduce(0) { $0 << 1 | ($1 ? 1 : 0) }, radix: 16) }
    }

    /// Made by python-qrcode 8.2 with the same mask.
    private static let station = """
        1fc47f 104d41 17555d 175d5d 17595d 105641 1fd57f 1000 17ce7c a97ef a5966 4a7ff 1a7d10 1937 1fce8e 10581f 17529a
        175bfc 175d44 1043cc 1fd532
        """

    /// By the same, of 107 times “a”: the first version that names itself.
    private static let versionSeven = """
        1fd419e5597f 104752a44a41 17520752ea5d 174f6946ab5d 1746e9f1575d 105cf1104041 1fd55555557f 96b111000 146e5ff55625
        1933980aaaa1 6470f4bb9b5 6b26b92101a 18d86687565b 1db9871a2aa1 1ec30e5bf9b5 3a84a21101a 258e575565b 1139641aaaa1
        6e3ae5bb9b5 1698faa1101a 3fae5f557fb 1d1a1512ab11 19509357b955 1d1cc511111a bf923f555fb 1c31534aa8a1 18f09aebbb55
        1ca9cca0d34b d5f265496ea 1e3d6049e8a1 ae16ed8fb55 cb64481134a 15d3035556eb 7b5bf4aa8a1 1612e2bbb55 f36046d134a
        136173f957fb 14bd1eab11 1fdcb55fbb55 104c2f11111a 174abbf557fb 1744b2eaa911 175ab7fbb955 1042291212a8 1fd5915757b9
        """

    @Test("Codes are the same as another program makes")
    func vectors() throws {
        let small = try #require(QRCode("station"))
        let large = try #require(QRCode(String(repeating: "a", count: 107)))
        #expect(Self.hexadecimal(small) == Self.station.split(whereSeparator: \.isWhitespace).map(String.init))
        #expect(Self.hexadecimal(large) == Self.versionSeven.split(whereSeparator: \.isWhitespace).map(String.init))
    }

    @Test("The error correction is that of the standard's example")
    func correction() {
        // ISO/IEC 18004, annex I: “01234567” as 1-M.
        let data: [UInt8] = [
            0x10, 0x20, 0x0C, 0x56, 0x61, 0x80, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11,
        ]
        let wanted: [UInt8] = [0xA5, 0x24, 0xD4, 0xC1, 0xED, 0x36, 0xC7, 0x87, 0x2C, 0x55]
        #expect(ReedSolomon(degree: 10).correction(of: data) == wanted)
    }

    @Test("A text of any length that fits is read back")
    func lengths() throws {
        var random = RepeatableRandom(seed: 3)
        let borders = QRVersion.all.flatMap { [$0.capacity - 1, $0.capacity, $0.capacity + 1] }
        for length in [0, 1, 2] + borders.dropLast() {
            let text = String((0..<length).map { _ in random.pick(Array("abcXYZ019{}\":,_-")) })
            let code = try #require(QRCode(text))
            let bytes = try QRReader.bytes(Self.rows(code))
            #expect(bytes == Array(text.utf8))
        }
        #expect(QRCode.capacity == 213 && QRCode(String(repeating: "x", count: 214)) == nil)
    }

    @Test("Bytes are counted, not characters")
    func unicode() throws {
        let code = try #require(QRCode("Grüße 🏠"))
        let bytes = try QRReader.bytes(Self.rows(code))
        #expect(String(decoding: bytes, as: UTF8.self) == "Grüße 🏠")
        #expect(QRCode(String(repeating: "ü", count: 107)) == nil)
    }

    @Test("Each version takes over where the one before is full")
    func versions() throws {
        let capacities = [14, 26, 42, 62, 84, 106, 122, 152, 180, 213]
        #expect(QRVersion.all.map(\.capacity) == capacities)
        for (index, capacity) in capacities.enumerated() {
            let code = try #require(QRCode(String(repeating: "a", count: capacity)))
            #expect(code.size == 21 + 4 * index)
        }
    }

    @Test("Every mask is read back")
    func masks() throws {
        let version = QRVersion.all[6]
        let codewords = version.interleaved(QRCode.dataCodewords(Array("station".utf8), version))
        for mask in QRMask.allCases {
            var matrix = QRMatrix(version)
            matrix.place(codewords, mask)
            matrix.drawFormat(mask)
            let rows = (0..<matrix.size).map { row in (0..<matrix.size).map { matrix[row, $0] } }
            let bytes = try QRReader.bytes(rows)
            #expect(bytes == Array("station".utf8))
        }
    }

    @Test("The image draws exactly the dark modules, within a light frame of four")
    func image() throws {
        let code = try #require(QRCode("station"))
        let svg = code.svg
        #expect(
            svg.hasPrefix(#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29""#) && svg.hasSuffix("</svg>"))
        let path = try #require(svg.split(separator: " d=\"").last?.split(separator: "\"").first)
        var drawn = [[Bool]](repeating: [Bool](repeating: false, count: 29), count: 29)
        for part in path.split(separator: "M") {
            let numbers = part.split { !$0.isNumber }.compactMap { Int($0) }
            #expect(part == "\(numbers[0]) \(numbers[1])h\(numbers[2])v1h-\(numbers[2])z")
            for column in numbers[0]..<numbers[0] + numbers[2] { drawn[numbers[1]][column] = true }
        }
        #expect(drawn[4..<25].map { Array($0[4..<25]) } == Self.rows(code))
        #expect(drawn.joined().count { $0 } == Self.rows(code).joined().count { $0 })
    }

    @Test("What a person shows the cloud fits, and says what it should")
    func claim() throws {
        let offer = CloudClaimOffer(
            chipID: String(repeating: "f", count: 32), claimSecret: Secret(String(repeating: "s", count: 43))
        )
        let code = try #require(QRCode(offer.qrText.revealed))
        let read = try JSONValue.parse(QRReader.bytes(Self.rows(code)))
        #expect(read == ["chipId": .string(offer.chipID), "claimSecret": .string(offer.claimSecret.revealed)])
    }
}
