/// What ails a store that works all the same; each makes health degraded while it lasts.
public enum StoreConcern: Int, Sendable, Hashable, CaseIterable {
    /// Something that must be committed could not be.
    case writes
    /// The store was damaged and has been replaced.
    case recovery
    /// There is no fresh backup.
    case backup
}
