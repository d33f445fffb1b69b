/// Why the host does not do, or does not tell, what it was asked.
public enum HostFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The service does not run, or there is no D-Bus; with what D-Bus said.
    case unavailable(HostService, String)
    /// The service runs and does not let the agent: its polkit or D-Bus policy is missing.
    case refused(HostService, String)
    /// The service did not answer in time.
    case timedOut(HostService)
    /// The service answered with an error that nobody foresaw, or with what cannot be read.
    case failed(HostService, String)
    /// There is no Wi-Fi device.
    case noWiFi
    /// The Wi-Fi radio is off.
    case radioBlocked
    /// Something is under way that this must not disturb.
    case busy
    case notJoined(WiFiJoinFailure)

    /// For people, in whole sentences; without what a service said in its own words.
    public var description: String {
        switch self {
        case .unavailable(let service, _): "\(service.rawValue) does not run on the station."
        case .refused(let service, _): "\(service.rawValue) does not let the agent do this: its policy is missing."
        case .timedOut(let service): "\(service.rawValue) did not answer in time."
        case .failed(let service, _): "\(service.rawValue) could not do this."
        case .noWiFi: "The station has no Wi-Fi device."
        case .radioBlocked: "Wi-Fi is switched off on the station (rfkill)."
        case .busy: "The radio is in use: the station joins a Wi-Fi network, or connects a new device over Bluetooth."
        case .notJoined(let failure): failure.description
        }
    }

    /// What a service said, as it said it: for the log.
    public var detail: String? {
        switch self {
        case .unavailable(_, let detail), .refused(_, let detail), .failed(_, let detail): detail
        case .notJoined(let failure): failure.detail
        case .timedOut, .noWiFi, .radioBlocked, .busy: nil
        }
    }
}
