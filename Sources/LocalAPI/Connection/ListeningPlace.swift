/// Where connections come from.
enum ListeningPlace: Sendable, Hashable {
    case address(host: String, port: Int)
    /// Sockets that listen already, as the service manager hands them over.
    case inherited([Int32])
}
