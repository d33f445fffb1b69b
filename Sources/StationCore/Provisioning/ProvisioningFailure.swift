/// Why a device could not be provisioned.
public struct ProvisioningFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// For programs: lower case with underscores.
    public let code: String
    /// For people: what happened, and what they can do.
    public let message: String
    /// What Bluetooth or the device said, as it said it. Never a secret.
    public let detail: String?

    public init(code: String, message: String, detail: String? = nil) {
        self.code = code
        self.message = message
        self.detail = detail
    }

    /// It took what it was handed and was not heard at the broker (contract 5, `provisioning.onlineTimeout`).
    public static let deviceDidNotAppear = ProvisioningFailure(
        code: "device_did_not_appear",
        message:
            "The device took its settings but did not come to the station in time. Is the Wi-Fi password right, and "
            + "is the network in its reach (2.4 GHz)?"
    )

    public var description: String { self.message }
}
