/// Something about a virtual device that is worth a line in a log.
public enum DeviceNotice: Sendable, Hashable {
    public enum WipeReason: String, Sendable, Hashable {
        /// It was told `unknown_device` too often.
        case toldUnknown = "told unknown_device"
        case factoryReset = "factory_reset"
    }

    case accepted
    /// Told `unknown_device` for the so manieth time in a row.
    case toldUnknown(Int)
    /// It is back in factory state and says nothing any more.
    case wipedItself(WipeReason)
    case rebooting
    case updating(to: String)
    case updateFailed(version: String)
    case changingNetwork(ssid: String)
    case obeyed(action: String)
    /// The command is none of this device's.
    case ignoredCommand(action: String)
    case ignoredPayload(suffix: String, reason: String)
    /// The device has no such part.
    case ignoredStimulus
}

extension DeviceNotice: CustomStringConvertible {
    public var description: String {
        switch self {
        case .accepted: "the station has accepted the device"
        case .toldUnknown(let times): "told unknown_device, for the \(times). time in a row"
        case .wipedItself(let reason): "the device has wiped itself: \(reason.rawValue)"
        case .rebooting: "the device starts again"
        case .updating(let version): "the device fetches firmware \(version)"
        case .updateFailed(let version): "the device does not take firmware \(version)"
        case .changingNetwork(let ssid): "the device changes to the network “\(ssid)”"
        case .obeyed(let action): "obeyed “\(action)”"
        case .ignoredCommand(let action): "ignored the command “\(action)”, which the device does not know"
        case .ignoredPayload(let suffix, let reason): "ignored a message on “\(suffix)”: \(reason)"
        case .ignoredStimulus: "nothing happens: the device has no such part"
        }
    }
}
