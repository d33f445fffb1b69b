public import StationCore

/// What an access token says (contract 2, "Accounts").
public struct AccessClaims: Sendable, Hashable {
    public let userID: UserID
    public let role: UserRole
    /// The sign-in that it belongs to; `nil` in a token that was not issued by a sign-in.
    public let sessionID: SessionID?
    public let issuedAt: Timestamp
    public let expiresAt: Timestamp

    public init(
        userID: UserID, role: UserRole, sessionID: SessionID?, issuedAt: Timestamp, expiresAt: Timestamp
    ) {
        self.userID = userID
        self.role = role
        self.sessionID = sessionID
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
    }

    /// Reads the payload of a token whose signature is still to be checked.
    ///
    /// - Returns: `nil` unless every claim is there, of the right type, and of this station.
    init?(payload: [UInt8], issuer: StationID) {
        guard let claims = try? JSONValue.parse(payload).objectValue,
            let user = claims["userId"]?.stringValue, let userID = UserID(user),
            claims["sub"] == nil || claims["sub"] == .string(user),
            claims["iss"] == .string(issuer.description),
            let role = claims["role"]?.stringValue.flatMap(UserRole.init),
            let issuedAt = claims["iat"].flatMap(Timestamp.init(numericDate:)),
            let expiresAt = claims["exp"].flatMap(Timestamp.init(numericDate:))
        else { return nil }
        var sessionID: SessionID?
        if let text = claims["sid"] {
            sessionID = text.stringValue.flatMap { SessionID($0) }
            guard sessionID != nil else { return nil }
        }
        self.init(userID: userID, role: role, sessionID: sessionID, issuedAt: issuedAt, expiresAt: expiresAt)
    }
}

extension Timestamp {
    /// Reads a NumericDate (RFC 7519, 2): seconds since 1970, maybe with a fraction.
    init?(numericDate value: JSONValue) {
        guard let seconds = value.doubleValue, (0...253_402_300_799).contains(seconds) else { return nil }
        self.init(milliseconds: Int64((seconds * 1000).rounded()))
    }

    /// As a NumericDate, to the millisecond.
    var numericDate: Double { Double(self.milliseconds) / 1000 }
}
