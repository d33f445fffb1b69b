import HTTPTypes
import StationCore

/// Every way in which the API itself refuses a request.
extension APIError {
    // MARK: 400

    static func malformedJSON(_ error: JSONError) -> APIError {
        APIError(.badRequest, "malformed_json", "The body is not the JSON that is accepted here: \(error).")
    }

    static func notAnObject(_ value: JSONValue) -> APIError {
        APIError(.badRequest, "not_an_object", "The body must be a JSON object; it is \(value.kind).")
    }

    static let malformedForm = APIError(
        .badRequest, "malformed_form",
        "The form in the body has an invalid percent escape, a NUL, bytes that are not UTF-8 or a field twice."
    )

    static let malformedQuery = APIError(
        .badRequest, "malformed_query",
        "The part of the address after “?” has an invalid percent escape, a NUL or bytes that are not UTF-8."
    )

    static let bodyIncomplete: APIError = {
        var error = APIError(.badRequest, "body_incomplete", "The body ended before it was complete.")
        error.closesConnection = true
        return error
    }()

    // MARK: 401, 403, 404, 405

    static let unauthorized: APIError = {
        var error = APIError(
            .unauthorized, "unauthorized", "This needs the header “Authorization: Bearer …” with a valid token."
        )
        error.headers = [.wwwAuthenticate: "Bearer"]
        return error
    }()

    static let deviceUnauthorized: APIError = {
        var error = APIError(
            .unauthorized, "unauthorized", "This needs the header “X-Device-Token” with the token of a device."
        )
        error.headers = [.wwwAuthenticate: "Bearer"]
        return error
    }()

    static let cannotRemoveOneself = APIError(
        .forbidden, "cannot_remove_oneself", "Nobody can remove their own account; ask another admin."
    )

    /// A stranger to a place gets it whether or not there is such a place.
    static let forbidden = APIError(.forbidden, "forbidden", "You may not do this here.")

    /// Only a broker that the configuration names may ask who is who.
    static func foreignBroker(_ address: String) -> APIError {
        APIError(
            .forbidden, "broker_not_allowed",
            "Only brokers on this machine may ask here, and those that MQTT_AUTH_ALLOW names; "
                + "“\(address)” is none of them."
        )
    }

    static func deviceNotFound(_ id: String) -> APIError {
        APIError(.notFound, "device_not_found", "There is no device “\(id)”.")
    }

    static func placeNotFound(_ id: String) -> APIError {
        APIError(.notFound, "place_not_found", "There is no place “\(id)”.")
    }

    static func userNotFound(_ id: String) -> APIError {
        APIError(.notFound, "user_not_found", "There is no user “\(id)”.")
    }

    static func settingNotFound(_ key: String) -> APIError {
        APIError(.notFound, "setting_not_found", "There is no setting “\(key)”.")
    }

    static func routeNotFound(_ method: HTTPRequest.Method, _ path: String) -> APIError {
        APIError(.notFound, "route_not_found", "There is no route \(method.rawValue) \(path).")
    }

    static func methodNotAllowed(_ method: HTTPRequest.Method, _ path: String, allow: String) -> APIError {
        var error = APIError(
            .methodNotAllowed, "method_not_allowed", "\(path) does not take \(method.rawValue); it takes \(allow)."
        )
        error.headers = [.allow: allow]
        return error
    }

    // MARK: 408, 413, 415, 422

    static let bodyTooSlow: APIError = {
        var error = APIError(.requestTimeout, "body_too_slow", "The body did not come in time.")
        error.closesConnection = true
        return error
    }()

    static func bodyTooLarge(_ limit: Int) -> APIError {
        var error = APIError(.contentTooLarge, "body_too_large", "A body may have at most \(limit) bytes.")
        error.closesConnection = true
        return error
    }

    static func unsupportedMediaType(
        _ given: String?, wanted: String = "application/json in UTF-8"
    ) -> APIError {
        let given = given.map { "it is “\($0)”" } ?? "the header is missing"
        return APIError(
            .unsupportedMediaType, "unsupported_media_type",
            "The Content-Type of this body must be \(wanted); \(given)."
        )
    }

    static func invalidFields(_ faults: [FieldFault]) -> APIError {
        let message = faults.map(\.description).joined(separator: " ")
        var error = APIError(.unprocessableContent, "validation_failed", message)
        error.faults = faults
        return error
    }
}
