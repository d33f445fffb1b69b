import StationCore

/// Why a fleet cannot be made, or cannot do what it was asked.
public enum FleetError: Error, Sendable, Hashable {
    /// The names made with this prefix are no external ids.
    case invalidPrefix(String)
    /// Two devices have this external id: they would push each other off the broker.
    case repeatedExternalID(String)
    /// A number in the plan is out of its range.
    case outOfRange(field: String, value: String, allowed: String)
    /// The process may not open a socket for each device.
    case tooFewDescriptors(needed: Int, allowed: Int)
    /// No thread or descriptor is left for an event loop.
    case noLoop(String)
    /// The device has no connection just now.
    case notConnected(externalID: String)
}

extension FleetError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidPrefix(let prefix):
            "the prefix “\(prefix)” gives no valid external ids; allowed are \(TopicName.rule)"
        case .repeatedExternalID(let id):
            "two devices are called “\(id)”; each external id can be used once"
        case .outOfRange(let field, let value, let allowed):
            "“\(field)” is \(value); allowed is \(allowed)"
        case .tooFewDescriptors(let needed, let allowed):
            "the fleet needs \(needed) open files and this process may have \(allowed); "
                + "allow more with “ulimit -n \(needed)” or use fewer devices"
        case .noLoop(let reason):
            "the fleet has no thread to run on: \(reason)"
        case .notConnected(let externalID):
            "the device “\(externalID)” is not connected"
        }
    }
}
