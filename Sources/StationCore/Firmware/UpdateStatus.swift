/// How far a device has come with an update, as it reports it (contract 2, "ESP32 firmware").
public enum UpdateStatus: String, Sendable, Hashable, CaseIterable {
    /// Offered, or about to begin.
    case pending
    case downloading
    /// Downloaded and being written, or waiting for the restart.
    case installing
    /// The new firmware runs.
    case success
    /// Given up; the old firmware runs.
    case failed

    public static let names = allCases.map(\.rawValue).joined(separator: ", ")

    /// Whether the attempt is over.
    public var isFinal: Bool { self == .success || self == .failed }
}
