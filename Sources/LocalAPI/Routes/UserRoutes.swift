import HTTPTypes
import HummingbirdCore
import StationCore
import StationData

/// The accounts of the station: list, show, rename, give another role, delete (contract 2, "Accounts").
struct UserRoutes: Sendable {
    let hub: StationHub

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        book.add(
            .get, "/api/users", by: hooks.admin,
            Operation(
                "listUsers", .accounts, "Everybody with an account, oldest first.", query: Operation.Parameter.window,
                answers: [.list("The users.", of: .user)]
            ),
            use: self.list
        )
        book.add(
            .get, "/api/users/{id}", by: hooks.admin,
            Operation("getUser", .accounts, "One account.", answers: [.ok("The user.", .user)]), use: self.show
        )
        book.add(
            .patch, "/api/users/{id}", by: hooks.admin,
            Operation(
                "changeUser", .accounts, "Renames somebody or gives another role; nobody is made owner.",
                body: .json(.patch([("name", .personName), ("role", .grantableRole)])),
                answers: [.ok("The user as they now are.", .user)]
            ),
            use: self.change
        )
        book.add(
            .delete, "/api/users/{id}", by: hooks.admin,
            Operation(
                "removeUser", .accounts,
                "Deletes an account, neither the owner's nor one's own; its sessions end at once.",
                answers: [.noContent("It is gone.")]
            ),
            use: self.remove
        )
    }

    @Sendable private func list(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var query = try QueryReader(request)
        let window = query.window()
        try query.finish()
        let users = self.hub.users
        return window.response(window.cut(users).map(\.json), total: users.count)
    }

    @Sendable private func show(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let id = try context.pathID("id", of: User.self, orElse: APIError.userNotFound)
        guard let user = self.hub.user(id) else { throw APIError.userNotFound(id.description) }
        return .json(user.json)
    }

    @Sendable private func change(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let id = try context.pathID("id", of: User.self, orElse: APIError.userNotFound)
        var body = BodyReader(try await BodyReader.object(of: request))
        let name = body.name("name", .unchanged, maximumLength: User.maximumNameLength)
        let role = body.grantableRole("role", .unchanged)
        try body.finish()
        return .json(try await self.hub.updateUser(id, name: name, role: role).json)
    }

    @Sendable private func remove(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let id = try context.pathID("id", of: User.self, orElse: APIError.userNotFound)
        guard try context.user.id != id else { throw APIError.cannotRemoveOneself }
        try await self.hub.removeUser(id)
        return Response(status: .noContent)
    }
}

extension Schema {
    static let grantableRole = Schema.choice(["admin", "member"])
}

extension BodyReader {
    /// A role that can be given to somebody: there is one owner, and it is not handed on.
    mutating func grantableRole(_ key: String, _ presence: Presence) -> UserRole? {
        guard let text = self.text(key, presence) else { return nil }
        guard let role = UserRole(rawValue: text), role != .owner else {
            self.refuse(key, "“\(key)” is “\(text)”; it must be “admin” or “member”.")
            return nil
        }
        return role
    }
}
