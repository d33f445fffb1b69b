import Accounts
import HTTPTypes
import HummingbirdCore
import StationCore
import StationData

/// The members of the station and invitations to become one (contract 2, "Accounts").
///
/// A station has no accounts but those of its members, so whoever is no longer a member has no account any more.
struct MemberRoutes: Sendable {
    let desk: AccountDesk
    let hub: StationHub

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        let path = "/api/user-management/members"
        book.add(
            .get, path, by: hooks.stationAdmin,
            Operation(
                "listMembers", .accounts, "The members of the station, oldest first.",
                query: Operation.Parameter.window, answers: [.list("The members.", of: .member)]
            ),
            use: self.list
        )
        book.add(
            .post, path, by: hooks.stationAdmin,
            Operation(
                "inviteMember", .accounts,
                "Invites somebody; the link is shown this once, and mailed where mail is set up.",
                body: .json(.body([("email", .email), ("role", .grantableRole)])),
                answers: [
                    .created(
                        "The invitation.",
                        .object([
                            ("email", .string), ("role", .grantableRole), ("inviteToken", .string),
                            ("inviteUrl", .string), ("mailed", .boolean),
                        ])
                    )
                ],
                refusals: [409]
            ),
            use: self.invite
        )
        book.add(
            .patch, "\(path)/{id}", by: hooks.stationAdmin,
            Operation(
                "changeMember", .accounts, "Gives a member another role.",
                body: .json(.body([("role", .grantableRole)])), answers: [.ok("The member as it now is.", .member)]
            ),
            use: self.change
        )
        book.add(
            .delete, "\(path)/{id}", by: hooks.stationAdmin,
            Operation(
                "removeMember", .accounts, "Removes a member and its account; its sessions end at once.",
                answers: [.noContent("It is gone.")]
            ),
            use: self.remove
        )
    }

    @Sendable private func list(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var query = try QueryReader(request)
        let window = query.window()
        try query.finish()
        let members = self.hub.users.filter { $0.stationRole != nil }
        return window.response(window.cut(members).map(\.memberJSON), total: members.count)
    }

    @Sendable private func invite(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var body = BodyReader(try await BodyReader.object(of: request))
        let email = body.text("email", .required) ?? ""
        let role = body.grantableRole("role", .required) ?? .member
        try body.finish()
        let invitation = try await self.desk.invite(email, as: role, by: context.user)
        // Where a cloud keeps the members it is asked to invite them too, as soon as it is there (contract 4).
        try await self.hub.askCloud(
            "station.invite",
            ["email": .string(invitation.email.description), "role": .string(invitation.role.rawValue)]
        )
        return .json(
            [
                "email": .string(invitation.email.description), "role": .string(invitation.role.rawValue),
                "inviteToken": .string(invitation.token.revealed), "inviteUrl": .string(invitation.link.revealed),
                "mailed": .bool(invitation.isMailed),
            ],
            status: .created
        )
    }

    @Sendable private func change(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let id = try self.memberID(context)
        var body = BodyReader(try await BodyReader.object(of: request))
        let role = body.grantableRole("role", .required)
        try body.finish()
        return .json(try await self.hub.updateUser(id, role: role).memberJSON)
    }

    @Sendable private func remove(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let id = try self.memberID(context)
        guard try context.user.id != id else { throw APIError.cannotRemoveOneself }
        try await self.hub.removeUser(id)
        return Response(status: .noContent)
    }

    private func memberID(_ context: LocalAPIContext) throws -> UserID {
        let id = try context.pathID("id", of: User.self, orElse: APIError.userNotFound)
        guard self.hub.user(id)?.stationRole != nil else { throw APIError.userNotFound(id.description) }
        return id
    }
}

extension User {
    fileprivate var memberJSON: JSONValue {
        [
            "userId": .string(self.id.description), "email": .string(self.email), "name": .string(self.name),
            "role": JSONValue(self.stationRole?.rawValue), "createdAt": JSONValue(self.createdAt),
        ]
    }
}
