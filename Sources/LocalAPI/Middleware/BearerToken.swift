import HTTPTypes
import HummingbirdCore
import StationCore

/// Reads `Authorization: Bearer …` (RFC 6750, 2.1).
enum BearerToken {
    /// `nil` without the header, with two of them, and for another scheme.
    static func of(_ request: Request) -> Secret? {
        let fields = request.headers[values: .authorization]
        guard fields.count == 1 else { return nil }
        let parts = fields[0].split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return Secret(String(parts[1]))
    }
}
