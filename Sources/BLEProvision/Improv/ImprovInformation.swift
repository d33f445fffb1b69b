/// What an Improv device tells of itself (RPC 03): names of people's making, so they are shown, not trusted.
public struct ImprovInformation: Sendable, Hashable {
    public let firmware: String
    public let version: String
    public let chip: String
    public let deviceName: String

    /// `nil` for an answer with fewer than four strings.
    init?(_ frame: ImprovFrame) {
        guard frame.strings.count >= 4 else { return nil }
        let texts = frame.strings.map { String(decoding: $0, as: UTF8.self) }
        self.firmware = texts[0]
        self.version = texts[1]
        self.chip = texts[2]
        self.deviceName = texts[3]
    }
}
