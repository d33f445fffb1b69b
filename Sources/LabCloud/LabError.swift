import StationCore

/// Why the lab cloud cannot do what it was asked.
public enum LabError: Error, Sendable, Hashable {
    /// The port is taken, or the address is not one of this machine.
    case cannotListen(String)
    /// Nobody with this chip id has ever been here.
    case noStation(chipID: String)
    /// No station was named, and not exactly one is authenticated.
    case notOne(authenticated: Int)
    /// The station is known but not authenticated just now.
    case notConnected(chipID: String)
    /// The station waits with another claim secret than the one given.
    case wrongSecret(chipID: String)
    /// The station did not answer a call in time, or went away before it did.
    case noAnswer(chipID: String, limit: Duration)
    /// A request to the lab that has no meaning.
    case invalid(String)
    /// No such path of the control interface.
    case noPath(String)
}

extension LabError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .cannotListen(let detail): "the lab cloud cannot listen: \(detail)"
        case .noStation(let chipID): "no station “\(chipID)” has been here"
        case .notOne(let count): "\(count) stations are authenticated; name one with chipId"
        case .notConnected(let chipID): "the station “\(chipID)” is not authenticated just now"
        case .wrongSecret(let chipID): "the station “\(chipID)” waits with another claim secret"
        case .noAnswer(let chipID, let limit): "the station “\(chipID)” did not answer within \(limit)"
        case .invalid(let detail): detail
        case .noPath(let path): "there is nothing at \(path)"
        }
    }

    /// The status of the answer over HTTP.
    var status: Int {
        switch self {
        case .invalid: 400
        case .wrongSecret: 403
        case .noStation, .noPath: 404
        case .notOne, .notConnected: 409
        case .cannotListen: 503
        case .noAnswer: 504
        }
    }
}
