import StationCore

/// The usable keys of an issuer as one document had them.
struct IssuerKeySet: Sendable {
    private static let maximumKeys = 100
    /// How many keys a token without `kid` is tried against: trying costs time, which anybody could make the station
    /// spend. Issuers with more than two keys name them.
    private static let maximumTries = 16

    private let keys: [IssuerKey]

    var isEmpty: Bool { self.keys.isEmpty }
    var count: Int { self.keys.count }

    /// No keys.
    init() {
        self.keys = []
    }

    /// Takes the keys of a JWK Set (RFC 7517, 5). Those that cannot be used are left out, as the RFC wants it.
    ///
    /// - Throws: `JWKSFault` when it is none, or none of its keys can be used.
    init(jwks bytes: [UInt8]) async throws(JWKSFault) {
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONValue.parse(bytes)
        } catch {
            throw .notJSON(error)
        }
        guard let list = document["keys"]?.arrayValue else { throw .noKeyList }
        guard list.count <= Self.maximumKeys else { throw .tooManyKeys(list.count) }
        var keys: [IssuerKey] = []
        for jwk in list.compactMap(\.objectValue) {
            if let key = await IssuerKey(jwk: jwk) { keys.append(key) }
        }
        guard !keys.isEmpty else { throw .noUsableKey }
        self.keys = keys
    }

    /// Checks that one of the keys made the signature: the one that the token names, or any if it names none.
    ///
    /// - Throws: `IssuerTokenError.unknownKey`, `.badSignature`.
    func check(_ token: CompactToken) throws(IssuerTokenError) {
        // A name may be there twice, for keys of different kinds (RFC 7517, 4.5).
        let candidates = token.keyID.map { name in self.keys.filter { $0.id == name } } ?? self.keys
        guard !candidates.isEmpty else { throw .unknownKey(token.keyID ?? "") }
        guard candidates.prefix(Self.maximumTries).contains(where: { $0.made(token) }) else { throw .badSignature }
    }
}
