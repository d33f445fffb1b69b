import HTTPTypes
import HummingbirdCore
import StationCore

/// The mark by which an answer, an error and a log line are told to belong together.
enum RequestID {
    private static let maximumLength = 64

    /// The caller's own `X-Request-Id` if it can stand in a log as it is, else a new one.
    static func of(_ request: Request, at time: Timestamp) -> String {
        if let given = request.headers[.requestID], TopicName.isValid(given), given.utf8.count <= Self.maximumLength {
            return given
        }
        return Identifier<LocalAPIContext>.make(at: time).description
    }
}

extension HTTPField.Name {
    static let requestID = Self(token: "X-Request-Id")
    /// How many elements a list has that may have been cut.
    static let totalCount = Self(token: "X-Total-Count")

    /// A name written in the source.
    init(token: StaticString) {
        guard let name = HTTPField.Name("\(token)") else {
            preconditionFailure("“\(token)” cannot be the name of a header field")
        }
        self = name
    }
}
