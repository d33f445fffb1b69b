import HTTPTypes

/// A request that is not done, in the words that its caller gets (contract 2, "Errors").
struct APIError: Error, Sendable {
    let status: HTTPResponse.Status
    /// For programs: stays the same when the message is reworded.
    let code: String
    /// For people.
    let message: String
    /// The single faults of a request whose fields are not valid.
    var faults: [FieldFault] = []
    var headers: HTTPFields = [:]
    /// What follows on the connection could not be told from the rest of this request.
    var closesConnection = false

    init(_ status: HTTPResponse.Status, _ code: String, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }
}
