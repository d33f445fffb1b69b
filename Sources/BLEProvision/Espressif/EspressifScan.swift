/// The messages of `prov-scan` (esp-idf, `wifi_scan.proto`).
enum EspressifScan {
    /// As many entries as fit into the 256 bytes that protocomm allows a value over BLE.
    static let pageLength: UInt64 = 4

    /// A scan that answers when it is over.
    static let start = Self.message(0, field: 10, ProtobufWriter.message { $0.put(1, 1) })
    static let status = Self.message(2, field: 12, [])

    static func page(from index: UInt64, count: UInt64) -> [UInt8] {
        let body = ProtobufWriter.message { writer in
            writer.put(1, index)
            writer.put(2, count)
        }
        return Self.message(4, field: 14, body)
    }

    private static func message(_ kind: UInt64, field: Int, _ body: [UInt8]) -> [UInt8] {
        ProtobufWriter.message { writer in
            writer.put(1, kind)
            writer.put(field, body)
        }
    }

    /// How many networks were found; `nil` for an answer that is none.
    static func count(_ bytes: [UInt8]) -> UInt64? {
        guard let payload = try? ProtobufMessage(bytes), payload.number(1) == 3, payload.number(2) == 0 else {
            return nil
        }
        return (try? payload.message(13))?.number(2)
    }

    /// The SSIDs of a page; `nil` for an answer that is none.
    static func names(_ bytes: [UInt8]) -> [[UInt8]]? {
        guard let payload = try? ProtobufMessage(bytes), payload.number(1) == 5, payload.number(2) == 0,
            let body = try? payload.message(15)
        else { return nil }
        return body.all(1).compactMap { (try? ProtobufMessage($0))?.bytes(1) }
    }
}
