public import StationCore

/// A client of a broker that asks, as far as the broker tells (contract 6, "HTTP fronts").
public struct BrokerCaller: Sendable {
    /// Which broker asks: who was let in at one has shown nothing to another.
    public let broker: String
    public let clientID: String?
    public let username: String?
    public let password: Secret?
    /// The token that is shown: in the header, else as the password, else as the user name.
    public let token: Secret?

    /// An empty text is the same as none: that is how brokers write what they do not have.
    ///
    /// - Parameter bearer: What stands in the header `Authorization`.
    public init(broker: String, bearer: Secret?, username: String?, password: Secret?, clientID: String?) {
        let username = username.flatMap { $0.isEmpty ? nil : $0 }
        let password = password.flatMap { $0.isEmpty ? nil : $0 }
        self.broker = broker
        self.clientID = clientID.flatMap { $0.isEmpty ? nil : $0 }
        self.username = username
        self.password = password
        self.token = bearer ?? password.flatMap(Self.token) ?? username.flatMap { Self.token(Secret($0)) }
    }

    /// What looks like a JWT: three parts of base64url, and the first holds an object of JSON. The last tells tokens
    /// from names such as `hall.lamp.2`, which devices may have.
    private static func token(_ text: Secret) -> Secret? {
        let parts = text.revealed.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty && Base64URL.decode($0) != nil }),
            let header = Base64URL.decode(parts[0]), (try? JSONValue.parse(header))?.objectValue != nil
        else { return nil }
        return text
    }

    /// Whether the client id is the user name, as the broker of the station enforces it. A broker may tell none.
    var isNamedAlike: Bool {
        guard let clientID = self.clientID, let username = self.username else { return true }
        return clientID.utf8.elementsEqual(username.utf8)
    }
}
