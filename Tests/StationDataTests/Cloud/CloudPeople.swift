import StationCore
import StationData
import Testing

/// People for the tests of what the cloud says of them.
enum CloudPeople {
    static let hashText = "$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"
    static let otherHashText = "$2a$10$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"

    static func member(
        _ id: String, _ email: String? = nil, name: String? = nil, role: UserRole = .member, hash: String? = nil
    ) throws -> CloudMember {
        CloudMember(
            cloudUserID: id, email: try #require(EmailAddress(email ?? "\(id)@example.com")), name: name, role: role,
            passwordHash: try hash.map { try #require(BcryptHash($0)) }
        )
    }

    static func local(
        _ hub: StationHub, _ email: String, _ admission: NewUser.Admission
    ) async throws -> User {
        try await hub.addUser(
            NewUser(
                email: #require(EmailAddress(email)), name: "local", passwordHash: "local hash", admission: admission,
                isEmailVerified: true
            )
        )
    }

    /// What people look like from outside, the oldest first: address, role, link.
    static func shown(_ hub: StationHub) -> [String] {
        hub.users.map { "\($0.email) \($0.role.rawValue) \($0.cloudUserID ?? "–")" }
    }

    /// What the store has, read anew: memory and store must agree.
    static func stored(_ station: TestStation) async throws -> [User] {
        let database = try StationDatabase.open(path: station.path)
        let hub = try await StationHub.open(database: database, clock: station.clock)
        try database.close()
        return hub.users
    }
}
