import StationCore

/// Why a device's message was dropped (contract 1, rule 7).
struct MessageRejection: Error, Hashable {
    enum Reason: String, Sendable, Hashable, CaseIterable {
        case notJSON = "not_json"
        case notObject = "not_object"
        case wrongType = "wrong_type"
        case notUTF8 = "not_utf8"
        case tooLarge = "too_large"
        case badTopic = "bad_topic"
        case badExternalID = "bad_external_id"
        /// The agent could not keep up, and the oldest waiting message had to go.
        case overflow
    }

    let reason: Reason
    let detail: String

    init(_ reason: Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }
}
