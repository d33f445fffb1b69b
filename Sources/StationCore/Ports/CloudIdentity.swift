/// Takes the cloud's word on who belongs to the station: the messages with a `type` and no `method` (contract 4, "Legacy
/// messages").
public protocol CloudIdentity: Sendable {
    /// Does what a message says, in one transaction, or nothing at all. Messages must come one after the other, in the
    /// order in which the cloud sent them, and only on a link that is authenticated.
    func take(_ message: JSONObject) async -> CloudIdentityReply
}

/// What becomes of a message about identity.
public enum CloudIdentityReply: Sendable, Hashable {
    /// It is done, or means nothing to this version; there is nothing to say.
    case nothing
    /// It was refused and has changed nothing: this is to be sent.
    case refusal(JSONObject)
    /// The station is to be reset, and that is on record: first this is to be sent, then the reset must run.
    case reset(acknowledgement: JSONObject)
}
