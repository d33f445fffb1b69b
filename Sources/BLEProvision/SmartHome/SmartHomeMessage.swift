import StationCore

/// The JSON that a device with the published firmware is told its place with (contract 5).
enum SmartHomeMessage {
    /// The longest value that an attribute can have (Core 5.3, vol. 3, part F, 3.2.9).
    static let maximumLength = 512

    /// - Throws: `tooLong` for what no device could take.
    static func bytes(of order: ProvisioningOrder) throws(ProvisioningFault) -> [UInt8] {
        try order.requirePossibleWiFi()
        let place = order.place
        var bytes = Array("{\"ssid\":".utf8)
        // By hand, for an SSID is bytes: text would turn those that are no UTF-8 into replacement characters.
        self.append(order.wifi.ssid, to: &bytes)
        self.append("password", order.passwordBytes, to: &bytes)
        self.append("mqtt_host", Array(place.mqttHost.utf8), to: &bytes)
        bytes.append(contentsOf: ",\"mqtt_port\":\(place.mqttPort)".utf8)
        self.append("device_id", Array(place.deviceID.description.utf8), to: &bytes)
        self.append("device_token", Array(place.deviceToken.revealed.utf8), to: &bytes)
        self.append("station_id", Array(place.stationID.description.utf8), to: &bytes)
        bytes.append(UInt8(ascii: "}"))
        guard bytes.count <= Self.maximumLength else {
            throw ProvisioningFault(.tooLong, detail: "\(bytes.count) bytes, at most \(Self.maximumLength)")
        }
        return bytes
    }

    private static func append(_ key: String, _ value: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(contentsOf: ",\"\(key)\":".utf8)
        self.append(value, to: &bytes)
    }

    /// A string of JSON; bytes that are no UTF-8 go through as they are.
    private static func append(_ value: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in value {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                bytes.append(contentsOf: (digits.count == 1 ? "\\u000" : "\\u00").utf8)
                bytes.append(contentsOf: digits.utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
