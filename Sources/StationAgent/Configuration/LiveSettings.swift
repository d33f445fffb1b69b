import Logging
import StationCore

/// The settings that SIGHUP takes over (contract 7).
struct LiveSettings: Sendable, Equatable {
    let logLevel: Logger.Level
    let corsOrigins: [String]
    let wifiSSID: String?
    let wifiPassword: Secret?
}
