import HTTPTypes
import HummingbirdCore

/// The header fields that every answer has, so that a browser makes nothing of an answer but what it is.
///
/// There is no `Strict-Transport-Security`: in a LAN a station has names that others may have after it, and a
/// certificate of its own that nobody but its household knows. A browser that was once told to insist on TLS would lock
/// people out of a station that is set back to plain HTTP.
enum ResponseHeaders {
    /// Adds what a route has not set itself.
    static func complete(_ response: inout Response, requestID: String) {
        response.headers[.requestID] = requestID
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.xFrameOptions] = "DENY"
        response.headers[.referrerPolicy] = response.headers[.referrerPolicy] ?? "no-referrer"
        response.headers[.contentSecurityPolicy] =
            response.headers[.contentSecurityPolicy] ?? "default-src 'none'; frame-ancestors 'none'"
        response.headers[.cacheControl] = response.headers[.cacheControl] ?? "no-store"
        response.headers[.crossOriginResourcePolicy] =
            response.headers[.crossOriginResourcePolicy] ?? "same-origin"
    }

    /// Lets pages of an origin read the answer (CORS, the fetch standard, 3.2).
    static func share(_ response: inout Response, with origin: String) {
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.accessControlExposeHeaders] = "X-Request-Id, X-Total-Count, Retry-After, Location, ETag"
        response.headers[.crossOriginResourcePolicy] = "cross-origin"
    }

    /// The answer to a preflight: what pages of an allowed origin may send.
    static func permit(_ response: inout Response, methods: String) {
        response.headers[.accessControlAllowMethods] = methods
        response.headers[.accessControlAllowHeaders] = "Authorization, Content-Type, X-Request-Id"
        response.headers[.accessControlMaxAge] = "600"
    }

    /// Tells caches that the answer depends on who asks.
    static func varyByOrigin(_ response: inout Response) {
        let others = response.headers[.vary]
        response.headers[.vary] = others.map { "\($0), Origin" } ?? "Origin"
    }
}

extension HTTPField.Name {
    static let xFrameOptions = Self(token: "X-Frame-Options")
    static let referrerPolicy = Self(token: "Referrer-Policy")
}
