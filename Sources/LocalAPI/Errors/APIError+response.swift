import HTTPTypes
import HummingbirdCore
import StationCore

extension APIError {
    /// The error in the one shape that all errors have (contract 2, "Errors").
    func response(requestID: String) -> Response {
        .json(self.json(requestID: requestID), status: self.status, headers: self.headers)
    }

    /// The body of that answer.
    func json(requestID: String) -> JSONValue {
        let detail: JSONValue = self.faults.isEmpty ? .string(self.message) : .array(self.faults.map(\.json))
        return [
            "statusCode": .integer(Int64(self.status.code)),
            "error": .string(self.status.reasonPhrase),
            "message": .string(self.message),
            "detail": detail,
            "code": .string(self.code),
            "requestId": .string(requestID),
        ]
    }
}
