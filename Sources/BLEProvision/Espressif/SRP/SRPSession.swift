/// What both sides of SRP6a end with.
struct SRPSession: Sendable {
    /// 64 bytes: SHA-512 of the shared secret.
    let key: [UInt8]
    /// What the client shows.
    let clientProof: [UInt8]
    /// What only a device can show that knows the verifier.
    let deviceProof: [UInt8]
}
