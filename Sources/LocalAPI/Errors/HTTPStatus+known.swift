import HTTPTypes

extension HTTPResponse.Status {
    /// The ones by which a request is refused here, with the words that belong to them (RFC 9110, 15).
    private static let refusals: [HTTPResponse.Status] = [
        .badRequest, .unauthorized, .forbidden, .notFound, .methodNotAllowed, .requestTimeout, .conflict,
        .contentTooLarge, .unsupportedMediaType, .rangeNotSatisfiable, .expectationFailed, .misdirectedRequest,
        .unprocessableContent, .tooManyRequests, .requestHeaderFieldsTooLarge, .internalServerError, .badGateway,
        .serviceUnavailable, .httpVersionNotSupported, Self(code: 426, reasonPhrase: "Upgrade Required"),
    ]

    /// A status with its words, which the number alone does not bring.
    init(known code: Int) {
        self = Self.refusals.first { $0.code == code } ?? Self(code: code)
    }
}
