/// How the cloud says that a claim has succeeded: both words are in use (contract 4).
public enum ClaimWord: String, Sendable, Hashable {
    case success = "claim_success"
    case claimed
}
