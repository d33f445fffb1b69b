import HTTPTypes
import StationCore

/// What is refused before any route is asked: connections, messages that are not HTTP, foreign names and pages.
extension APIError {
    /// Beyond `LocalAPILimits.connections`, or this peer's share of it.
    static func tooManyConnections(_ refusal: ConnectionBook.Refusal) -> APIError {
        let message =
            switch refusal {
            case .full: "The station has no place for a further connection just now."
            case .peer: "There are too many connections from your address; close some."
            case .stopping: "The station is stopping."
            }
        var error = APIError(.serviceUnavailable, "too_many_connections", message)
        error.headers = [.retryAfter: "5"]
        error.closesConnection = true
        return error
    }

    static let malformedRequest: APIError = {
        var error = APIError(.badRequest, "malformed_request", "This is not a valid HTTP/1.1 request.")
        error.closesConnection = true
        return error
    }()

    static let headTooLarge: APIError = {
        var error = APIError(
            .requestHeaderFieldsTooLarge, "head_too_large", "The head of the request is larger than the station takes."
        )
        error.closesConnection = true
        return error
    }()

    static let malformedPath = APIError(.badRequest, "malformed_path", "A path must begin with “/”.")

    static let badHost = APIError(
        .badRequest, "invalid_host",
        "A request must have exactly one Host header with a name or an address, such as “station.local”."
    )

    /// A well-formed Host that is not the station's: a name that somebody else has pointed here (DNS rebinding).
    static func foreignHost(_ host: String, allowed: StationNames) -> APIError {
        APIError(
            .misdirectedRequest, "invalid_host",
            "This station is not “\(host)”. It answers to \(allowed), and to the address that it was reached at; "
                + "another name must stand in http.publicUrl (BACKEND_PUBLIC_URL)."
        )
    }

    static func foreignOrigin(_ origin: String) -> APIError {
        APIError(
            .forbidden, "origin_not_allowed",
            "Pages of “\(origin)” may not change anything here; http.corsOrigins (CORS_ORIGINS) names those that may."
        )
    }

    static func unmetExpectation(_ expectation: String) -> APIError {
        var error = APIError(
            .expectationFailed, "expectation_failed",
            "The station cannot do what “Expect: \(expectation)” asks for; it knows 100-continue only."
        )
        error.closesConnection = true
        return error
    }
}
