import StationCore

/// Where devices fetch their images.
struct FirmwareAddress: Sendable {
    static let path = "/firmware"

    let listener: ListenerState
    /// The URL under which devices reach the station, by the port that it listens on.
    let publicURL: @Sendable (_ port: Int) -> String

    /// - Throws: Why the server does not listen; `CancellationError`.
    func url(of file: FirmwareFileName) async throws -> String {
        "\(self.publicURL(try await self.listener.port))\(Self.path)/\(file)"
    }
}
