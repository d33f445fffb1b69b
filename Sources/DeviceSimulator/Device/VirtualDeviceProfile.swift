public import StationCore

/// Who a virtual device is: what it says in its handshake.
public struct VirtualDeviceProfile: Sendable, Hashable {
    public let externalID: ExternalID
    public let type: VirtualDeviceType
    /// The version that it left the factory with; an update replaces it.
    public let firmwareVersion: String
    public let chip: String
    /// The kit that it was sold in; left out of the handshake when `nil`.
    public let kitTag: String?

    public init(
        externalID: ExternalID, type: VirtualDeviceType, firmwareVersion: String = "0.1.32", chip: String = "esp32",
        kitTag: String? = nil
    ) {
        self.externalID = externalID
        self.type = type
        self.firmwareVersion = firmwareVersion
        self.chip = chip
        self.kitTag = kitTag
    }

    /// The payload of its handshake.
    func handshake(firmwareVersion: String) -> JSONObject {
        var handshake: JSONObject = [
            "type": .string(self.type.rawValue), "firmwareVersion": .string(firmwareVersion),
            "chip": .string(self.chip),
        ]
        handshake["kit_tag"] = self.kitTag.map(JSONValue.string)
        return handshake
    }
}
