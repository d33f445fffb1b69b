import StationCore

/// A signed token in the compact form (RFC 7515, 7.1), taken apart; the signature is still to be checked.
struct CompactToken: Sendable {
    /// In bytes; tokens with many groups have some thousands.
    static let maximumLength = 16_384

    /// What the header says of the algorithm: a claim of the sender's, which decides nothing.
    let algorithm: String
    /// The name of the key; `nil` when the header has none.
    let keyID: String?
    let payload: [UInt8]
    let signature: [UInt8]
    /// What was signed: header and payload as they were written.
    let signed: [UInt8]

    /// `nil` for anything that has more than one reading, or needs what the station does not know.
    init?(_ text: String) {
        guard text.utf8.count <= Self.maximumLength else { return nil }
        let bytes = Array(text.utf8)
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let headerBytes = Base64URL.decode(parts[0]),
            let payload = Base64URL.decode(parts[1]), let signature = Base64URL.decode(parts[2]),
            let header = try? JSONValue.parse(headerBytes).objectValue,
            let algorithm = header["alg"]?.stringValue,
            // Whoever does not know what it lists must refuse the token (RFC 7515, 4.1.11); the station knows nothing.
            header["crit"] == nil
        else { return nil }
        let keyID = header["kid"]?.stringValue
        guard header["kid"] == nil || keyID != nil else { return nil }
        self.algorithm = algorithm
        self.keyID = keyID
        self.payload = payload
        self.signature = signature
        self.signed = Array(bytes[..<parts[1].endIndex])
    }
}
