public import StationCore

/// A command that the broker took.
public struct SentCommand: Sendable, Hashable {
    public let command: DeviceCommand
    /// Whether it is on record. If not, the disk takes nothing: it is put there as soon as that is over, and would be
    /// missing if the agent were killed before.
    public let isRecorded: Bool

    public var id: CommandID { self.command.id }
}
