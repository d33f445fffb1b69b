/// How devices with the published firmware are found and written to (contract 5).
public struct SmartHomeOptions: Sendable, Hashable {
    /// `PROVISIONING_SERVICE_UUID`.
    public var service: GATTUUID
    /// `PROVISIONING_CHARACTERISTIC_UUID`.
    public var characteristic: GATTUUID
    /// What the name of such a device begins with; the rest is its id.
    public var namePrefix: String
    /// Whether the name alone makes it a candidate (`PROVISIONING_SCAN_ALL`).
    public var isNameEnough: Bool

    /// The defaults are those of the contract.
    public init(
        service: GATTUUID = GATTUUID(0x12c1_58d5_220f_4be9, 0xb46a_a235_f44c_412a),
        characteristic: GATTUUID = GATTUUID(0x85e4_cb5a_4718_47e3, 0xb363_b2d8_2655_ee1e),
        namePrefix: String = "SH_", isNameEnough: Bool = false
    ) {
        self.service = service
        self.characteristic = characteristic
        self.namePrefix = namePrefix
        self.isNameEnough = isNameEnough
    }
}
