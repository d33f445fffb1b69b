/// A method call that a peer makes to an exported object.
public struct BusRequest: Sendable, Hashable {
    /// The unique name of the caller.
    public let sender: String
    public let path: String
    /// nil where the caller named none.
    public let interface: String?
    public let member: String
    public let arguments: [BusValue]
}
