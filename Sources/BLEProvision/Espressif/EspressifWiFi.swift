import StationCore

/// The messages of `prov-config` and `prov-ctrl` (esp-idf, `wifi_config.proto`, `wifi_ctrl.proto`).
enum EspressifWiFi {
    /// How a device fares with the credentials.
    enum Attempt: Sendable, Hashable {
        case connected
        case trying
        case wrongPassword
        case notFound
        case failed(reason: UInt64)
    }

    static func setConfig(_ order: ProvisioningOrder) -> [UInt8] {
        let body = ProtobufWriter.message { writer in
            writer.put(1, order.wifi.ssid)
            let password = order.passwordBytes
            if !password.isEmpty { writer.put(2, password) }
        }
        return Self.message(2, field: 12, body)
    }

    static let applyConfig = Self.message(4, field: 14, [])
    static let getStatus = Self.message(0, field: 10, [])
    static let reset = Self.message(1, field: 11, [])

    private static func message(_ kind: UInt64, field: Int, _ body: [UInt8]) -> [UInt8] {
        ProtobufWriter.message { writer in
            writer.put(1, kind)
            writer.put(field, body)
        }
    }

    /// - Throws: `refused` where the device did not take it.
    static func expectConfigTaken(_ bytes: [UInt8]) throws(ProvisioningFault) {
        try SessionData.expectSuccess(try Self.body(bytes, kind: 3, field: 13))
    }

    /// - Throws: `refused` where the device did not take it.
    static func expectApplied(_ bytes: [UInt8]) throws(ProvisioningFault) {
        try SessionData.expectSuccess(try Self.body(bytes, kind: 5, field: 15))
    }

    static func attempt(_ bytes: [UInt8]) throws(ProvisioningFault) -> Attempt {
        let body = try Self.body(bytes, kind: 1, field: 11)
        try SessionData.expectSuccess(body)
        switch body.number(2) {
        case 0: return .connected
        case 1, 2: return .trying
        default:
            return switch body.number(10) {
            case 0: .wrongPassword
            case 1: .notFound
            case let reason: .failed(reason: reason)
            }
        }
    }

    private static func body(_ bytes: [UInt8], kind: UInt64, field: UInt64) throws(ProvisioningFault) -> ProtobufMessage
    {
        do throws(ProtobufMessage.Malformed) {
            let payload = try ProtobufMessage(bytes)
            // Not an empty one for none: “connected” is zero, so nothing at all would read as success.
            guard payload.number(1) == kind, let body = payload.bytes(field) else { throw ProtobufMessage.Malformed() }
            return try ProtobufMessage(body)
        } catch {
            throw ProvisioningFault(.notUnderstood, detail: "prov-config: no response of kind \(kind)")
        }
    }
}
