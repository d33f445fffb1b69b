/// Names of Avahi on the bus (Avahi 0.8, org.freedesktop.Avahi.Server.xml and EntryGroup.xml).
enum AvahiName {
    static let service = "org.freedesktop.Avahi"
    static let serverPath = "/"
    static let server = service + ".Server"
    static let group = service + ".EntryGroup"
    static let stateChanged = "StateChanged"
    static let collisionError = service + ".CollisionError"
}

/// AvahiServerState.
enum AvahiServerState: Sendable, Hashable {
    /// It has a host name that is its own on the LAN: services can be announced.
    case running
    /// It is about to have one, or has just lost it.
    case unsettled
    case failed

    init(_ number: Int?) {
        self =
            switch number {
            case 2: .running
            case 0, 1, 3: .unsettled
            default: .failed
            }
    }
}

/// AvahiEntryGroupState.
enum AvahiGroupState: Sendable, Hashable {
    case uncommitted, registering, established, collision, failed

    init(_ number: Int?) {
        self =
            switch number {
            case 0: .uncommitted
            case 1: .registering
            case 2: .established
            case 3: .collision
            default: .failed
            }
    }
}
