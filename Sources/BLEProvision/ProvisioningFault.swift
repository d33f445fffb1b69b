/// Why a device could not be provisioned. The description is for people; what the stack said is in `detail`.
///
/// Neither ever contains a password, a token or a proof of possession.
public struct ProvisioningFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong, as far as anybody acts on it differently.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case linkLost = "link_lost"
        case deviceSilent = "device_silent"
        case cancelled
        case notOffered = "not_offered"
        case notAllowed = "not_allowed"
        case tooLong = "too_long"
        case refused
        case notUnderstood = "not_understood"
        case buttonNotPressed = "button_not_pressed"
        case alreadyProvisioned = "already_provisioned"
        case wifiNotJoined = "wifi_not_joined"
        case wifiPasswordWrong = "wifi_password_wrong"
        case wifiNotFound = "wifi_not_found"
        case proofMissing = "proof_missing"
        case proofWrong = "proof_wrong"
        case securityTooWeak = "security_too_weak"
        case securityUnknown = "security_unknown"
        case identityDoubtful = "identity_doubtful"
    }

    public let kind: Kind
    /// What was said on the way, for the curious.
    public let detail: String

    public init(_ kind: Kind, detail: String = "") {
        self.kind = kind
        self.detail = detail
    }

    /// Whether a new connection may well succeed without anybody doing anything.
    public var isWorthRetrying: Bool {
        switch self.kind {
        case .linkLost, .deviceSilent: true
        default: false
        }
    }

    /// Whether other Wi-Fi credentials are what it takes.
    public var asksForOtherCredentials: Bool {
        switch self.kind {
        case .wifiNotJoined, .wifiPasswordWrong, .wifiNotFound: true
        default: false
        }
    }

    public var description: String {
        switch self.kind {
        case .linkLost: "The connection to the device was lost. Move it closer and try again."
        case .deviceSilent: "The device did not answer in time. Switch it off and on, then try again."
        case .cancelled: "Adding the device was called off."
        case .notOffered: "The device does not offer what is needed to set it up. Is its firmware the right one?"
        case .notAllowed: "The device wants to be paired first, which its set-up should not need."
        case .tooLong: "The settings are too long for the device. A shorter name of the MQTT host may help."
        case .refused: "The device refused the settings."
        case .notUnderstood: "The device answered with something that makes no sense."
        case .buttonNotPressed: "The button on the device was not pressed in time."
        case .alreadyProvisioned: "The device is set up already. Reset it to its factory settings first."
        case .wifiNotJoined: "The device could not join the Wi-Fi. Check the name and the password."
        case .wifiPasswordWrong: "The Wi-Fi did not accept the password."
        case .wifiNotFound: "The device cannot find the Wi-Fi. Most devices need one at 2.4 GHz."
        case .proofMissing: "The device asks for the code that is printed on it (proof of possession)."
        case .proofWrong: "The code is not the one of this device (proof of possession)."
        case .securityTooWeak: "The device offers less protection than it is allowed to. Nothing was sent to it."
        case .securityUnknown: "The device protects its set-up in a way that this station does not know."
        case .identityDoubtful: "The device could not prove that it knows the code. Nothing was sent to it."
        }
    }
}
