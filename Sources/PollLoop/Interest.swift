/// What one wants to hear about a descriptor.
public enum Interest: Sendable, Hashable {
    case read
    case write
    case readWrite
}
