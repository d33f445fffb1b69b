/// What somebody is in a place (contract 2, "Places").
public enum PlaceRole: String, Sendable, Hashable, CaseIterable {
    /// Made the place; exactly one member is it, for as long as the place exists.
    case owner
    /// Changes everything but the place's existence and its other admins.
    case admin
    /// Looks on.
    case viewer

    /// Whether somebody in this role changes devices, sensors, thresholds and the place itself.
    public var mayManage: Bool { self != .viewer }
}
