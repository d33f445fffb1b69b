/// Who has a name on the bus, from now on.
public struct BusOwner: Sendable, Hashable {
    public let name: String
    /// The unique name, such as `:1.7`; nil when nobody has the name.
    public let uniqueName: String?
}
