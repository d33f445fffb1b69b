/// Whom a JWT speaks for (contract 6, "Tokens").
public struct TokenSubject: Sendable, Hashable {
    /// What speaks: a person, or a program with an account of its own.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case user, service
    }

    /// Whether it is a person or a program.
    public let kind: Kind
    /// Its name at the issuer.
    public let id: String
    /// The groups and realm roles of a person; a service has none.
    public let groups: Set<String>
    /// What the token itself was issued for.
    public let scopes: Set<String>

    /// A subject of which everything is known.
    public init(kind: Kind, id: String, groups: Set<String>, scopes: Set<String>) {
        self.kind = kind
        self.id = id
        self.groups = groups
        self.scopes = scopes
    }
}

// MARK: Claims

extension TokenSubject {
    private static let servicePrefix = "service-account-"

    /// Reads the claims of a token that has been verified; `nil` when they give no id.
    ///
    /// Claims of another kind than theirs count as absent, but for those that make a service: whatever stands there,
    /// the subject gets no groups.
    public init?(claims: JSONObject) {
        let scopes = Self.names(claims["scope"], areSpaced: true)
        if let candidates = Self.serviceIDs(claims) {
            guard let id = candidates.first(where: { !$0.isEmpty }) else { return nil }
            self.init(kind: .service, id: id, groups: [], scopes: scopes)
        } else {
            guard let id = claims["sub"]?.stringValue, !id.isEmpty else { return nil }
            let groups = Self.names(claims["realm_access"]?["roles"]).union(Self.names(claims["groups"]))
            self.init(kind: .user, id: id, groups: Self.withoutSlash(groups), scopes: scopes)
        }
    }

    /// What can name a service, the best first; `nil` for the claims of a user.
    private static func serviceIDs(_ claims: JSONObject) -> [String]? {
        let name = claims["preferred_username"]?.stringValue ?? ""
        let isServiceName = name.utf8.starts(with: self.servicePrefix.utf8)
        guard isServiceName || self.has("client_id", claims) || self.has("clientId", claims) else { return nil }
        let shortName = isServiceName ? String(Substring(name.utf8.dropFirst(self.servicePrefix.utf8.count))) : nil
        return [
            claims["client_id"]?.stringValue, claims["clientId"]?.stringValue, claims["azp"]?.stringValue, shortName,
            claims["sub"]?.stringValue,
        ].compactMap(\.self)
    }

    private static func has(_ key: String, _ claims: JSONObject) -> Bool {
        claims[key].map { $0 != .null } ?? false
    }

    private static func names(_ value: JSONValue?, areSpaced: Bool = false) -> Set<String> {
        switch value {
        case .array(let elements)?: Set(elements.compactMap(\.stringValue).filter { !$0.isEmpty })
        case .string(let text)? where areSpaced: Set(text.split(separator: " ").map(String.init))
        default: []
        }
    }

    /// Keycloak writes a group as its path, `/admins`. Only one slash goes: a group that somebody called `/admins` does
    /// not become this one.
    private static func withoutSlash(_ groups: Set<String>) -> Set<String> {
        let names = groups.map { $0.utf8.first == UInt8(ascii: "/") ? String(Substring($0.utf8.dropFirst())) : $0 }
        return Set(names.filter { !$0.isEmpty })
    }
}

// MARK: Storing

extension TokenSubject {
    /// The subject as the store keeps it.
    public var json: JSONObject {
        [
            "kind": .string(self.kind.rawValue), "id": .string(self.id),
            "groups": .array(self.groups.sorted().map(JSONValue.string)),
            "scopes": .array(self.scopes.sorted().map(JSONValue.string)),
        ]
    }

    /// Reads what `json` wrote; `nil` for anything else.
    public init?(json: JSONObject) {
        guard let kind = json["kind"]?.stringValue.flatMap(Kind.init(rawValue:)), let id = json["id"]?.stringValue,
            let groups = Self.texts(json["groups"]), let scopes = Self.texts(json["scopes"])
        else { return nil }
        self.init(kind: kind, id: id, groups: groups, scopes: scopes)
    }

    private static func texts(_ value: JSONValue?) -> Set<String>? {
        guard let elements = value?.arrayValue else { return nil }
        let texts = elements.compactMap(\.stringValue)
        return texts.count == elements.count ? Set(texts) : nil
    }
}
