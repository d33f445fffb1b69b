/// How an event looks in the log.
enum LogFormat: String, Sendable, Hashable, CaseIterable {
    /// One JSON object a line.
    case json
    /// One line for eyes.
    case text
}
