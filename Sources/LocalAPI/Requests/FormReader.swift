import HTTPTypes
import HummingbirdCore
import NIOCore
import StationCore

/// Reads a body in the form of HTML's forms, which OAuth 2 asks for.
enum FormReader {
    private static let mediaType = "application/x-www-form-urlencoded"
    private static let maximumFields = 20

    static func isForm(_ request: Request) -> Bool {
        let type = request.headers[.contentType]?.lowercased().split(separator: ";").first
        return type?.filter { $0 != " " } == self.mediaType
    }

    /// The fields as an object, so that they are read like any body. Fields of OAuth 2 that mean nothing here are left
    /// out, as its clients send them unasked.
    ///
    /// - Throws: `APIError.malformedForm`.
    static func object(of request: Request) async throws -> JSONObject {
        let body = try await request.body.collect(upTo: .max)
        let items = body.readableBytesView.split(separator: UInt8(ascii: "&"))
        guard items.count <= self.maximumFields else { throw APIError.malformedForm }
        var object = JSONObject()
        for item in items {
            let parts = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(parts[0], plusIsBlank: true),
                let value = PercentEncoding.decode(parts.count > 1 ? parts[1] : [], plusIsBlank: true),
                object[name] == nil
            else { throw APIError.malformedForm }
            if !["scope", "client_id", "client_secret"].contains(name) { object[name] = .string(value) }
        }
        return object
    }
}
