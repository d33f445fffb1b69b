public import StationCore

/// The published firmware images that can be played (contract 1, "Device type registry").
public enum VirtualDeviceType: String, Sendable, Hashable, CaseIterable {
    case climate
    case pir
    case switchPIR = "switch-pir"
    case light

    /// What the device has to report before anything happened to it: factory state.
    public var factoryState: JSONObject {
        switch self {
        case .climate: [:]
        case .pir: ["motion": false]
        case .switchPIR: ["motion": false, "button": false]
        case .light: ["on": false, "brightness": 100]
        }
    }

    var seesMotion: Bool { self == .pir || self == .switchPIR }
    var hasButton: Bool { self == .switchPIR }
}
