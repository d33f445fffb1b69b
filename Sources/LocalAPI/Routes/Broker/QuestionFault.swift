/// Why a broker's question cannot be read (contract 6, "HTTP fronts").
struct QuestionFault: Error, Sendable {
    /// For people.
    let reason: String
    /// What follows on the connection could not be told from the rest of the question.
    var closesConnection = false

    init(_ reason: String, closesConnection: Bool = false) {
        self.reason = reason
        self.closesConnection = closesConnection
    }

    /// What the body of any other request would be refused for.
    init(_ error: any Error) {
        let error = APIError(error)
        self.init(error.message, closesConnection: error.closesConnection)
    }
}
