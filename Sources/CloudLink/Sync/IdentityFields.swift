import StationCore
import StationData

/// Reads the members of a message about identity; what it does not ask for is left alone, since a newer cloud may say
/// more.
struct IdentityFields {
    let object: JSONObject

    init(_ object: JSONObject) {
        self.object = object
    }

    /// A text; `nil` for `null` and for one that is missing.
    func text(_ key: String) throws(IdentityFault) -> String? {
        switch self.object[key] {
        case nil, .null?: return nil
        case .string(let text)?: return text
        case .some(let value): throw IdentityFault("“\(key)” is \(value.kind); it must be a string.")
        }
    }

    func required<Value>(_ key: String, _ value: Value?) throws(IdentityFault) -> Value {
        guard let value else { throw IdentityFault("“\(key)” is missing.") }
        return value
    }

    /// The account's name in the cloud.
    func cloudUserID(_ key: String = "cloudUserId") throws(IdentityFault) -> String? {
        guard let id = try self.text(key) else { return nil }
        let isPlain = id.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        guard (1...CloudMember.maximumIDLength).contains(id.utf8.count), isPlain else {
            throw IdentityFault(
                "“\(key)” must have 1–\(CloudMember.maximumIDLength) bytes, without control characters."
            )
        }
        return id
    }

    func email() throws(IdentityFault) -> EmailAddress? {
        guard let text = try self.text("email") else { return nil }
        guard let email = EmailAddress(text) else {
            throw IdentityFault("“email” must be \(EmailAddress.rule).")
        }
        return email
    }

    func role() throws(IdentityFault) -> UserRole? {
        guard let text = try self.text("role") else { return nil }
        guard let role = UserRole(rawValue: text) else {
            let allowed = UserRole.allCases.map(\.rawValue).joined(separator: ", ")
            throw IdentityFault("“role” must be one of \(allowed).")
        }
        return role
    }

    func passwordHash() throws(IdentityFault) -> BcryptHash? {
        guard let text = try self.text("stationPasswordHash") else { return nil }
        guard let hash = BcryptHash(text) else {
            throw IdentityFault("“stationPasswordHash” must be \(BcryptHash.rule).")
        }
        return hash
    }

    /// A name for people, in the form that the station gives all names: without blanks at its ends and without control
    /// characters. One that is too long is cut, in one pass: a name must not keep a member from being removed, nor the
    /// station from its work.
    func name(_ key: String, upTo length: Int) throws(IdentityFault) -> String? {
        guard let text = try self.text(key) else { return nil }
        let plain = text.unicodeScalars.filter { $0.properties.generalCategory != .control }
        let name = String(String.UnicodeScalarView(plain)).trimmed
        return name.prefix(scalars: length).trimmed
    }

    /// Somebody in full.
    func member() throws(IdentityFault) -> CloudMember {
        CloudMember(
            cloudUserID: try self.required("cloudUserId", self.cloudUserID()),
            email: try self.required("email", self.email()),
            name: try self.name("name", upTo: User.maximumNameLength),
            role: try self.required("role", self.role()), passwordHash: try self.passwordHash()
        )
    }

    /// What has changed about somebody.
    func changes() throws(IdentityFault) -> CloudMemberChanges {
        CloudMemberChanges(
            cloudUserID: try self.required("cloudUserId", self.cloudUserID()), email: try self.email(),
            name: try self.name("name", upTo: User.maximumNameLength), role: try self.role(),
            passwordHash: try self.passwordHash()
        )
    }
}

extension String {
    /// Without blanks at both ends.
    fileprivate var trimmed: String {
        let start = self.drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }

    /// The whole characters at its start that have no more than so many Unicode scalars together.
    fileprivate func prefix(scalars length: Int) -> String {
        var room = length
        return String(
            self.prefix { character in
                room -= character.unicodeScalars.count
                return room >= 0
            }
        )
    }
}
