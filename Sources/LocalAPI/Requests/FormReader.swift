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
        guard let fields = self.fields(in: body.readableBytesView, atMost: self.maximumFields) else {
            throw APIError.malformedForm
        }
        var object = JSONObject()
        for (name, value) in fields {
            guard object[name] == nil else { throw APIError.malformedForm }
            if !["scope", "client_id", "client_secret"].contains(name) { object[name] = .string(value) }
        }
        return object
    }

    /// The fields of a form in their order; `nil` for a broken escape, bytes that are not UTF-8, and too many fields.
    static func fields(
        in body: ByteBufferView, atMost limit: Int, admittingNUL: Bool = false
    ) -> [(name: String, value: String)]? {
        let items = body.split(separator: UInt8(ascii: "&"))
        guard items.count <= limit else { return nil }
        var fields: [(name: String, value: String)] = []
        for item in items {
            let parts = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(parts[0], plusIsBlank: true, admitsNUL: admittingNUL),
                let value = PercentEncoding.decode(
                    parts.count > 1 ? parts[1] : [], plusIsBlank: true, admitsNUL: admittingNUL
                )
            else { return nil }
            fields.append((name, value))
        }
        return fields
    }
}
